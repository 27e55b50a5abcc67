// Flash attention is off: on the CPU it sums values in half precision.
// Logits of llama.cpp for given token ids: written as float32 [tokens, vocabulary], or compared with ours.
//   node logits.mjs --model M.gguf --ids IDS.json --write OUT.f32
//   node logits.mjs --model M.gguf --ids IDS.json --compare OURS.f32     (OURS from `smollm3 eval`)
// --lora ADAPTER.gguf applies an adapter to both.
import { readFileSync, writeFileSync } from "node:fs";
import { loadModel, options, readIds } from "./peer.mjs";

const args = options({
    model: { type: "string" }, ids: { type: "string" }, write: { type: "string" }, compare: { type: "string" },
    lora: { type: "string" },
});
const ids = readIds(args.ids);
const model = await loadModel(args.model, 2);
const reference = await logits(model, ids);
const vocabulary = reference.length / ids.length;

if (args.write) {
    writeFileSync(args.write, Buffer.from(reference.buffer));
}
if (args.compare) {
    const bytes = readFileSync(args.compare);
    const ours = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    if (ours.length !== reference.length) {
        throw new Error(`${ours.length} values, but llama.cpp has ${reference.length}`);
    }
    console.log(JSON.stringify(compare(ours, reference, vocabulary)));
}
process.exit(0);

async function logits(model, ids) {
    const context = await model.createContext({
        contextSize: Math.max(256, ids.length), batchSize: 512, flashAttention: false,
        lora: args.lora ? { adapters: [{ filePath: args.lora, scale: 1 }] } : undefined,
    });
    const sequence = context.getSequence();
    const all = { generateNext: { logits: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } };
    const rows = [];
    // The callback keeps only one map of the vocabulary alive at a time.
    for (const id of ids) {
        const [output] = await sequence.controlledEvaluate([[id, all]]);
        const row = new Float32Array(output.next.logits.size);
        for (const [token, value] of output.next.logits) {
            row[token] = value;
        }
        rows.push(row);
    }
    const result = new Float32Array(rows.length * rows[0].length);
    rows.forEach((row, i) => result.set(row, i * row.length));
    return result;
}

// Mean-centred log-probabilities: what is the same in every row (the normaliser) does not count as agreement.
function compare(ours, reference, vocabulary) {
    let difference = 0, norm = 0, clear = 0, equal = 0, kl = 0;
    const count = reference.length / vocabulary;
    for (let position = 0; position < count; position++) {
        const a = logProbabilities(ours, position * vocabulary, vocabulary);
        const b = logProbabilities(reference, position * vocabulary, vocabulary);
        const meanA = mean(a), meanB = mean(b);
        let first = -Infinity, second = -Infinity, top = -1, topOurs = 0;
        for (let i = 0; i < vocabulary; i++) {
            difference += (a[i] - meanA - b[i] + meanB) ** 2;
            norm += (b[i] - meanB) ** 2;
            kl += Math.exp(b[i]) * (b[i] - a[i]);
            if (b[i] > first) { second = first; first = b[i]; top = i; } else if (b[i] > second) { second = b[i]; }
            if (a[i] > a[topOurs]) { topOurs = i; }
        }
        if (first - second > 0.05) {
            clear++;
            equal += top === topOurs ? 1 : 0;
        }
    }
    return {
        positions: count, relative_error: Math.sqrt(difference / norm), mean_kl: kl / count,
        clear_positions: clear, top_equal: clear ? equal / clear : 1,
    };
}

function logProbabilities(values, start, count) {
    let max = -Infinity, sum = 0;
    for (let i = 0; i < count; i++) { max = Math.max(max, values[start + i]); }
    for (let i = 0; i < count; i++) { sum += Math.exp(values[start + i] - max); }
    const normaliser = max + Math.log(sum);
    return Float64Array.from({ length: count }, (_, i) => values[start + i] - normaliser);
}

function mean(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}
