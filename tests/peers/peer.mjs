// llama.cpp on the CPU, and nothing it would download or build.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

export function options(definition) {
    return parseArgs({ options: definition, strict: true }).values;
}

export async function loadModel(modelPath, threads) {
    const llama = await getLlama({
        gpu: false, build: "never", skipDownload: true, maxThreads: threads, logLevel: LlamaLogLevel.error,
    });
    return llama.loadModel({ modelPath });
}

export function readIds(file) {
    return JSON.parse(readFileSync(file, "utf8"));
}
