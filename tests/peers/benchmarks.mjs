// `smollm3 bench` and llama.cpp at the same work, one after the other, A B A B; the table with the goals beside.
//   dotnet build -c Release src/SmolLM3.Cli && node tests/peers/benchmarks.mjs --model M.gguf
//       [--only decode,depth,prompt,sequences,first] [-t 2] [--kernel avx512] [--out docs/benchmarks/results/NAME.json]
// --rounds, --generate, --depths, --prompts and --sequences set the amount; --states FOLDER keeps llama.cpp's filled
// contexts for a next time. Results are appended to the file after every piece.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readGgufFileInfo } from "node-llama-cpp";
import { better, median, table } from "./goals.mjs";
import { versions } from "./llama.mjs";

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, "../..");
const { values: args } = parseArgs({
    strict: true,
    options: {
        model: { type: "string", short: "m", multiple: true },
        only: { type: "string", default: "decode,depth,prompt,sequences,first" },
        threads: { type: "string", short: "t", default: "2" },
        kernel: { type: "string", default: process.env.SMOLLM3_KERNELS ?? "" },
        rounds: { type: "string", default: "3" },
        generate: { type: "string", short: "n", default: "64" },
        depths: { type: "string", default: "4096,8192,16384" },
        prompts: { type: "string", default: "512,4096" },
        sequences: { type: "string", default: "4,8" },
        states: { type: "string" },
        smollm3: { type: "string", default: join(root, "src/SmolLM3.Cli/bin/Release/net10.0/smollm3.dll") },
        out: { type: "string", default: join(root, "docs/benchmarks/results/results.json") },
    },
});
const numbers = text => text.split(",").map(Number);
const kinds = args.only.split(","), rounds = Number(args.rounds), generate = Number(args.generate);
// The CPU library of llama.cpp for the same instruction set; no name: the best for the machine.
const library = { avx2: "haswell", vector128: "sse42", scalar: "x64" }[args.kernel];
const firstPrompt = 16;
const bandwidths = [];

for (const model of args.model ?? []) {
    const states = args.states ?? mkdtempSync(join(tmpdir(), "llama-states-"));
    mkdirSync(states, { recursive: true });
    try {
        const run = await header(resolve(model));
        const runs = existsSync(args.out) ? JSON.parse(readFileSync(args.out, "utf8")) : [];
        for (const piece of pieces()) {
            measure(piece, run, resolve(model), states);
            run.pieces.push(piece);
            mkdirSync(dirname(args.out), { recursive: true });
            writeFileSync(args.out, `${JSON.stringify([...runs, run], null, 1)}\n`);
        }
        console.log(table([run]));
    } finally {
        if (!args.states) {
            rmSync(states, { recursive: true, force: true });
        }
    }
}

function pieces() {
    const decode = (kind, depth, sequences, name) => ({ kind, name, tokens: generate, depth, sequences });
    const all = [
        {
            kind: "first", name: `first token after ${firstPrompt}, new process`,
            tokens: firstPrompt, depth: 0, sequences: 1,
        },
        ...numbers(args.prompts).map(tokens =>
            ({ kind: "prompt", name: `prompt of ${tokens}`, tokens, depth: 0, sequences: 1 })),
        decode("decode", 0, 1, "decode, empty"),
        ...numbers(args.sequences).map(count => decode("sequences", 0, count, `${count} sequences decode`)),
        ...numbers(args.depths).map(depth => decode("decode", depth, 1, `decode at ${depth}`)),
    ];
    return all.filter(piece => kinds.includes(piece.kind === "decode" && piece.depth ? "depth" : piece.kind))
        .map(piece => ({ ...piece, ours: [], theirs: { on: [], off: [] }, share_of_bandwidth: [],
            theirs_resident_bytes: {} }));
}

function measure(piece, run, model, states) {
    const first = piece.kind === "first";
    let modes = ["on", "off"];
    for (let round = 0; round < rounds; round++) {
        const [ours, bandwidth] = smollm3(piece, model);
        piece.ours.push(first ? ours.milliseconds : ours.tokens_per_second);
        run.kernel = ours.kernel;
        if (!first) {
            bandwidths.push(bandwidth);
            run.read_bandwidth = median(bandwidths);
            piece.resident_bytes = ours.resident_bytes;
        }
        if (ours.share_of_bandwidth) {
            piece.share_of_bandwidth.push(ours.share_of_bandwidth);
        }
        for (const mode of modes) {
            const theirs = llama(piece, model, mode, states);
            piece.theirs[mode].push(first ? theirs.milliseconds : theirs.tokens_per_second);
            piece.theirs_resident_bytes[mode] = theirs.resident_bytes;
            run.library = theirs.library;
        }
        modes = first ? modes : worthwhile(piece.theirs);
    }
    piece.kv_bytes = run.kv_bytes_per_token * (piece.depth + piece.tokens) * piece.sequences;
    console.error(`${piece.name}: ${median(piece.ours).toFixed(2)} | ${JSON.stringify(piece.theirs)}`);
}

// A mode that is slower by a fifth is not measured again; at depth that saves most of the time.
function worthwhile(theirs) {
    const best = better(theirs).value;
    return Object.keys(theirs).filter(mode => median(theirs[mode]) > 0.8 * best);
}

function smollm3(piece, model) {
    const kernel = args.kernel ? ["--kernel", args.kernel] : [];
    const lines = json("dotnet", [args.smollm3, "bench", "--model", model, "-t", args.threads, ...kernel, "--json",
        ...amount(piece)]);
    return [lines.at(-1), lines.find(line => line.test === "read bandwidth")?.bytes_per_second];
}

function llama(piece, model, mode, states) {
    const chosen = library ? ["--library", library] : [];
    return json("node", [join(here, "speed.mjs"), "--model", model, "-t", args.threads, "--flash", mode, ...chosen,
        "--states", states, ...amount(piece)]).at(-1);
}

// Each round is one repetition in a process of its own; warming up is not counted.
function amount({ kind, tokens, depth, sequences }) {
    switch (kind) {
        case "first": return ["--first-token", "-p", `${tokens}`];
        case "prompt": return ["-p", `${tokens}`, "-n", "0", "-r", "1"];
        default: return ["-p", "0", "-n", `${tokens}`, "-d", `${depth}`, "--sequences", `${sequences}`, "-r", "1"];
    }
}

function json(program, commandLine) {
    return execFileSync(program, commandLine, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
        .trim().split("\n").map(line => JSON.parse(line));
}

async function header(model) {
    const output = (program, ...commandLine) =>
        execFileSync(program, commandLine, { cwd: root, encoding: "utf8" }).trim();
    return {
        date: new Date().toISOString(),
        machine: {
            cpu: cpus()[0].model, cores: cpus().length, memory: totalmem(), system: process.platform,
        },
        versions: {
            smollm3: output("git", "rev-parse", "--short", "HEAD"), dotnet: output("dotnet", "--version"),
            ...versions(),
        },
        model: { name: basename(model), bytes: statSync(model).size },
        threads: Number(args.threads), kernel: args.kernel, library: "", read_bandwidth: 0,
        kv_bytes_per_token: await kvBytes(model), pieces: [],
    };
}

// Keys and values of one token in F16.
async function kvBytes(model) {
    const { architectureMetadata: sizes } = await readGgufFileInfo(model, { readTensorInfo: false });
    const { head_count: heads, head_count_kv: kvHeads, key_length: length } = sizes.attention;
    return sizes.block_count * 2 * kvHeads * (length ?? sizes.embedding_length / heads) * 2;
}
