// A server's speed over HTTP at streamed completions, one JSON object a line: run it against one server after the other.
//   node servers.mjs http://127.0.0.1:8080 [--clients 1,4] [--requests 8] [--head 512] [--own 32] [--answer 64]
// All prompts begin with the same --head tokens and go on with --own of their own; a request before them leaves the head
// in the server's cache. Each client asks again as soon as it is answered, --requests times together.
import { parseArgs } from "node:util";

const { values: args, positionals: [server] } = parseArgs({
    strict: true,
    allowPositionals: true,
    options: {
        clients: { type: "string", default: "1,4" },
        requests: { type: "string", default: "8" },
        head: { type: "string", default: "512" },
        own: { type: "string", default: "32" },
        answer: { type: "string", default: "64" },
    },
});
const [requests, head, own, answer] = ["requests", "head", "own", "answer"].map(name => Number(args[name]));

// Any tokens do: the work does not depend on them. Every vocabulary has a thousand.
const token = position => 100 + position * 7919 % 900;
const prompt = number => Array.from(
    { length: head + own }, (_, i) => token(i < head ? i : i * 31 + (number + 1) * 977));

let asked = 0;
await ask();
for (const clients of args.clients.split(",").map(Number)) {
    const start = performance.now();
    let left = requests;
    const answers = (await Promise.all(Array.from({ length: clients }, async () => {
        const mine = [];
        while (left-- > 0) {
            mine.push(await ask());
        }
        return mine;
    }))).flat();
    const seconds = (performance.now() - start) / 1000;
    const sum = name => answers.reduce((total, each) => total + each[name], 0);
    const firsts = answers.map(each => each.first).sort((a, b) => a - b);
    console.log(JSON.stringify({
        test: "served", clients, requests, head_tokens: head, own_tokens: own, answer_tokens: answer,
        seconds, tokens_per_second: sum("tokens") / seconds,
        first_token_p50_milliseconds: firsts[firsts.length >> 1], first_token_max_milliseconds: firsts.at(-1),
        cached_share: sum("cached") / sum("prompt"),
    }));
}

async function ask() {
    const start = performance.now();
    const response = await fetch(`${server}/v1/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
            prompt: prompt(asked++), max_tokens: answer, temperature: 0, stream: true, stream_options: { include_usage: true },
        }),
    });
    if (!response.ok) {
        throw new Error(`${response.status} ${await response.text()}`);
    }
    let first, usage, text = "";
    for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (text + bytes).split("\n");
        text = lines.pop();
        for (const line of lines.filter(each => each.startsWith("data: {"))) {
            first ??= performance.now() - start;
            usage = JSON.parse(line.slice(6)).usage ?? usage;
        }
    }
    return {
        first, tokens: usage.completion_tokens, prompt: usage.prompt_tokens,
        cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    };
}
