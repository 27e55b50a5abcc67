// llama.cpp's speed at the work of `smollm3 bench --json`, one JSON object a line under the same names.
//   node speed.mjs --model M.gguf [-p 512] [-n 64] [-d 0] [--sequences 1] [-t 2] [-r 3]
//       [--flash best|on|off] [--library haswell] [--states FOLDER]
//   node speed.mjs --model M.gguf --first-token [-p 16]
// best measures with flash attention on and off and writes the faster. -p 0 and -n 0 leave a test out.
// FOLDER keeps filled contexts between runs, which take most of the time at depth. K and V are F16.
import { existsSync, readFileSync, readdirSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { Llama } from "./llama.mjs";

const { values: args } = parseArgs({
    strict: true,
    options: {
        model: { type: "string", short: "m" },
        prompt: { type: "string", short: "p", default: "512" },
        generate: { type: "string", short: "n", default: "64" },
        depth: { type: "string", short: "d", default: "0" },
        sequences: { type: "string", default: "1" },
        threads: { type: "string", short: "t", default: "2" },
        repetitions: { type: "string", short: "r", default: "3" },
        flash: { type: "string", default: "best" },
        library: { type: "string" },
        states: { type: "string" },
        "first-token": { type: "boolean", default: false },
    },
});
const [prompt, generate, depth, sequences, threads, repetitions] =
    ["prompt", "generate", "depth", "sequences", "threads", "repetitions"].map(name => Number(args[name]));
const modes = { best: [true, false], on: [true], off: [false] }[args.flash];

// Any tokens do: the work does not depend on them. Every vocabulary has a thousand.
const token = position => position * 7919 % 1000;
const tokens = count => Array.from({ length: count }, (_, i) => token(i));

const llama = await Llama.load(args.model, { library: args.library });
if (args["first-token"]) {
    await llama.openContext({ threads, contextLength: prompt, flash: modes[0] });
    await llama.prompt(0, 0, tokens(prompt));
    await llama.greedy(prompt);
    const milliseconds = performance.now(); // since this process began
    write({ test: `first token ${prompt}`, milliseconds, threads, flash_attention: modes[0] });
} else {
    const measured = new Map();
    for (const flash of modes) {
        for (const row of await measure(flash)) {
            const other = measured.get(row.test);
            if (!other || other.tokens_per_second < row.tokens_per_second) {
                measured.set(row.test, row);
            }
        }
    }
    measured.forEach(write);
}
process.exit(0);

async function measure(flash) {
    await llama.openContext({ threads, contextLength: Math.max(prompt, depth + generate, 64), sequences, flash });
    await llama.prompt(0, 0, tokens(16)); // touches every page of the file
    const rows = [];
    if (prompt > 0) {
        rows.push(await times(`prompt ${prompt}`, prompt, { sequences: 1, depth: 0, flash }, async () => {
            llama.truncate(0, 0);
            return () => llama.prompt(0, 0, tokens(prompt));
        }));
    }
    if (generate > 0) {
        for (let sequence = 0; sequence < sequences; sequence++) {
            llama.truncate(sequence, 0);
            await fill(sequence, flash);
        }
        rows.push(await times(`decode ${generate}`, generate * sequences, { sequences, depth, flash }, async () => {
            for (let sequence = 0; sequence < sequences; sequence++) {
                llama.truncate(sequence, depth);
            }
            return async () => {
                for (let i = 0; i < generate; i++) {
                    await llama.step(sequences, depth + i, token(depth + i));
                }
            };
        }));
    }
    return rows;
}

async function times(test, count, about, prepare) {
    const speeds = [];
    for (let i = 0; i < repetitions; i++) {
        const run = await prepare();
        const start = performance.now();
        await run();
        speeds.push(count / (performance.now() - start) * 1000);
    }
    speeds.sort((a, b) => a - b);
    return {
        test, tokens_per_second: speeds[speeds.length >> 1], min: speeds[0], max: speeds.at(-1), threads,
        depth: about.depth, sequences: about.sequences, flash_attention: about.flash,
        resident_bytes: residentBytes(),
    };
}

// Computes the context before the decoded tokens, from the deepest kept state on.
async function fill(sequence, flash) {
    const { size } = statSync(args.model);
    const prefix = `${basename(args.model)}-${size}-${flash ? "flash" : "plain"}-${sequences}-`;
    const kept = !args.states ? [] : readdirSync(args.states)
        .filter(name => name.startsWith(prefix) && name.endsWith(".state"))
        .map(name => Number(name.slice(prefix.length, -".state".length)))
        .filter(length => length <= depth);
    const start = Math.max(0, ...kept);
    if (start > 0) {
        await llama.context.loadSequenceStateFromFile(join(args.states, `${prefix}${start}.state`), sequence, depth);
    }
    await llama.prompt(sequence, start, tokens(depth).slice(start));
    const file = join(args.states ?? "", `${prefix}${depth}.state`);
    if (args.states && depth > 0 && !existsSync(file)) {
        await llama.context.saveSequenceStateToFile(`${file}.part`, sequence, Uint32Array.from(tokens(depth)));
        renameSync(`${file}.part`, file);
    }
}

// As `smollm3 bench` counts: on Linux what no file backs, so without mapped weights; elsewhere the working set.
function residentBytes() {
    const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
    const kilobytes = /^RssAnon:\s*(\d+)/m.exec(status);
    return kilobytes ? Number(kilobytes[1]) * 1024 : process.memoryUsage.rss();
}

function write(row) {
    console.log(JSON.stringify({ ...row, engine: "llama.cpp", library: Llama.library() }));
}
