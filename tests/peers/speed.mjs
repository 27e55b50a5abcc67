// llama.cpp's speed at the work of `smollm3 bench`: a prompt, then decoding one token after the other.
//   node speed.mjs --model M.gguf --prompt 512 --generate 64 --threads 2 --repetitions 3
import { loadModel, options } from "./peer.mjs";

const args = options({
    model: { type: "string" }, prompt: { type: "string", default: "512" }, generate: { type: "string", default: "64" },
    threads: { type: "string", default: "2" }, repetitions: { type: "string", default: "3" },
});
const threads = Number(args.threads);
const promptLength = Number(args.prompt), generateLength = Number(args.generate);
const model = await loadModel(args.model, threads);
const context = await model.createContext({
    contextSize: promptLength + generateLength + 256, batchSize: 512, threads: { ideal: threads, min: threads },
});
const sequence = context.getSequence();
const tokens = Array.from({ length: promptLength }, (_, i) => (i * 7919) % 128000 % model.fileInfo.metadata.tokenizer.ggml.tokens.length);
const results = { prompt: [], decode: [] };
for (let repetition = 0; repetition <= Number(args.repetitions); repetition++) {
    await sequence.clearHistory();
    let start = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(tokens);
    const prompt = promptLength / (performance.now() - start) * 1000;

    // Decoding starts from an empty context, as the bench does.
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, 1));
    start = performance.now();
    for (let i = 0; i < generateLength; i++) {
        await sequence.controlledEvaluate([[tokens[i % tokens.length], { generateNext: { token: true } }]]);
    }
    const decode = generateLength / (performance.now() - start) * 1000;
    if (repetition > 0) { // the first one warms up
        results.prompt.push(prompt);
        results.decode.push(decode);
    }
}
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(JSON.stringify({
    engine: "llama.cpp (node-llama-cpp)", threads,
    prompt_tokens_per_second: median(results.prompt), decode_tokens_per_second: median(results.decode),
}));
process.exit(0);
