// llama.cpp by node-llama-cpp's addon itself: batches put together here, no sampler and no copy of the logits, so that
// what is timed is llama_decode. The addon is not a public interface; the version is pinned in package.json.
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const systems = { linux: "linux", darwin: "mac", win32: "win" };
const platform = `${systems[process.platform]}-${process.arch}`
    + (process.platform === "darwin" && process.arch === "arm64" ? "-metal" : "");
const errorsOnly = 2;

// llama.cpp's own default of tokens computed together.
const batchSize = 512;

export class Llama {
    // `library` names one of the CPU libraries, such as haswell; without it llama.cpp takes the best for the machine.
    static async load(path, { library } = {}) {
        const llama = new Llama();
        const { getBinsDir } = await import(`@node-llama-cpp/${platform}`);
        const folder = join(getBinsDir().binsDir, platform);
        llama.addon = createRequire(import.meta.url)(join(folder, "llama-addon.node"));
        llama.addon.setLogger((level, message) => console.error(message));
        llama.addon.setLoggerLogLevel(errorsOnly);
        loadCpu(llama.addon, folder, library);
        await llama.addon.init();
        llama.model = new llama.addon.AddonModel(path, { addonExports: llama.addon, gpuLayers: 0, useMmap: true });
        if (!await llama.model.init()) {
            throw new Error(`llama.cpp does not load ${path}`);
        }
        return llama;
    }

    async openContext({ threads, contextLength, sequences = 1, flash }) {
        await this.context?.dispose();
        const length = Math.ceil((contextLength + 1) / 256) * 256;
        this.context = new this.addon.AddonContext(this.model, {
            contextSize: length * sequences, batchSize, sequences, threads, flashAttention: flash,
        });
        if (!await this.context.init()) {
            throw new Error("llama.cpp has no room for the context");
        }
    }

    // Tokens of one sequence, in batches; logits are computed after the last.
    async prompt(sequence, position, tokens) {
        for (let start = 0; start < tokens.length; start += batchSize) {
            const part = Uint32Array.from(tokens.slice(start, start + batchSize));
            const last = start + part.length === tokens.length;
            this.context.initBatch(part.length);
            this.context.addToBatch(sequence, position + start, part, Uint32Array.from(last ? [part.length - 1] : []));
            await this.context.decodeBatch();
        }
    }

    // One token of every sequence in one batch, with logits.
    async step(sequences, position, token) {
        this.context.initBatch(sequences);
        for (let sequence = 0; sequence < sequences; sequence++) {
            this.context.addToBatch(sequence, position, Uint32Array.of(token), Uint32Array.of(0));
        }
        await this.context.decodeBatch();
    }

    truncate(sequence, length) {
        this.context.removeTokenCellsFromSequence(sequence, length, -1);
    }

    // The likeliest token after a prompt of `count` tokens.
    async greedy(count) {
        const sampler = new this.addon.AddonSampler(this.model);
        sampler.applyConfig({ temperature: 0 });
        return this.context.sampleToken(count - 1, sampler);
    }

    // File name of the CPU library in use, such as libggml-cpu-zen4.so.
    static library() {
        const loaded = process.report.getReport().sharedObjects.map(file => basename(file));
        return loaded.find(name => name.includes("ggml-cpu")) ?? "built in";
    }
}

export function versions() {
    const folder = dirname(dirname(fileURLToPath(import.meta.resolve("node-llama-cpp"))));
    return {
        node: process.version,
        node_llama_cpp: JSON.parse(readFileSync(join(folder, "package.json"))).version,
        llama_cpp: JSON.parse(readFileSync(join(folder, "llama", "llama.cpp.info.json"))).tag,
    };
}

// llama.cpp loads the best CPU library of a folder. In a folder with one library only, that one is the best.
function loadCpu(addon, folder, library) {
    if (!library) {
        addon.loadBackends(folder);
        return;
    }
    const file = readdirSync(folder).find(name => name.includes(`ggml-cpu-${library}.`));
    if (!file) {
        throw new Error(`node-llama-cpp has no CPU library ${library} here`);
    }
    const alone = mkdtempSync(join(tmpdir(), "ggml-cpu-"));
    try {
        copyFileSync(join(folder, file), join(alone, file));
        addon.loadBackends(alone);
    } finally {
        rmSync(alone, { recursive: true, force: true });
    }
}
