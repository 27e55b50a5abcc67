// What the project set out to reach, and the table of what was measured beside it.
//   node goals.mjs docs/benchmarks/results/FILE.json     (writes the table into docs/benchmarks/README.md)
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MB = 1e6;

// Times llama.cpp's speed, by what is measured and its size.
const ratios = { decode: { 0: 1, 4096: 1.5, 8192: 2, 16384: 3 }, prompt: { 512: 1.2, 4096: 1.5 } };
// Times the speed of one sequence of ours.
const together = { 4: 2, 8: 2.4 };
// Of llama.cpp's time.
const firstToken = 0.5;
const residentAboveKv = 350 * MB;

export const median = values => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

// The better mode of llama.cpp: the one whose median is the better.
export function better(theirs, isBetter = (a, b) => a > b) {
    const modes = Object.entries(theirs).filter(([, values]) => values.length > 0)
        .map(([mode, values]) => ({ mode, value: median(values) }));
    return modes.reduce((best, mode) => (best && !isBetter(mode.value, best.value) ? best : mode), undefined);
}

// Of every piece the last run that has it; with the run's header.
export function latest(runs) {
    const pieces = new Map();
    for (const run of runs) {
        for (const piece of run.pieces) {
            pieces.set(`${groupOf({ run })} ${piece.name}`, { ...piece, run });
        }
    }
    return [...pieces.values()];
}

export function table(runs) {
    const pieces = latest(runs);
    const groups = [...new Set(pieces.map(groupOf))];
    return groups.map(group => page(pieces.filter(piece => groupOf(piece) === group))).join("\n\n");
}

function groupOf({ run }) {
    return `${run.model.name} ${run.kernel} ${run.threads} ${run.versions.smollm3}`;
}

function page(pieces) {
    return [
        head(pieces.at(-1).run), "",
        "| work | ours | llama.cpp, its better mode | ratio | goal | of read bandwidth |", "|---|---|---|---|---|---|",
        ...pieces.map(piece => (piece.kind === "first" ? firstRow(piece) : speedRow(piece, pieces))),
        ...memoryRow(pieces),
    ].join("\n");
}

function head({ model, threads, machine, kernel, library, versions, date, read_bandwidth }) {
    const bandwidth = read_bandwidth ? ` Memory was read at ${(read_bandwidth / 1e9).toFixed(1)} GB/s.` : "";
    return `${model.name} (${(model.bytes / 1e9).toFixed(2)} GB), ${threads} threads of ${machine.cpu}, `
        + `${machine.system}, ${date.slice(0, 10)}; ${kernel} kernels against ${library}; SmolLM3.Extensions `
        + `${versions.smollm3} on .NET ${versions.dotnet}, node-llama-cpp ${versions.node_llama_cpp} `
        + `(llama.cpp ${versions.llama_cpp}).${bandwidth}`;
}

function speedRow(piece, pieces) {
    const ours = median(piece.ours), theirs = better(piece.theirs);
    const shares = piece.share_of_bandwidth;
    const size = piece.kind === "prompt" ? piece.tokens : piece.depth;
    const { ratio, goal, of = "" } = piece.kind === "sequences" ? againstOne(piece, pieces)
        : { ratio: ours / theirs.value, goal: ratios[piece.kind][size] };
    return row(
        piece.name, `${ours.toFixed(1)} tokens/s`, `${theirs.value.toFixed(1)} tokens/s, ${flash(theirs)}`,
        ratio ? ratio.toFixed(2) + of : "—", verdict(ratio, goal, "≥ "),
        shares.length ? `${(100 * median(shares)).toFixed(0)} %` : "");
}

// The total of several sequences against one of ours alone.
function againstOne(piece, pieces) {
    const one = pieces.find(other => other.kind === "decode" && other.depth === 0);
    const ratio = one && median(piece.ours) / median(one.ours);
    return { ratio, goal: together[piece.sequences], of: " × one of ours" };
}

function firstRow(piece) {
    const ours = median(piece.ours), theirs = better(piece.theirs, (a, b) => a < b), ratio = ours / theirs.value;
    return row(
        piece.name, `${ours.toFixed(0)} ms`, `${theirs.value.toFixed(0)} ms, ${flash(theirs)}`,
        ratio.toFixed(2), verdict(ratio, firstToken, "≤ "), "");
}

// What the process holds besides the mapped file and the keys and values, at the greatest depth.
function memoryRow(pieces) {
    const deepest = pieces.filter(piece => piece.kind === "decode").sort((a, b) => a.depth - b.depth).at(-1);
    if (!deepest) {
        return [];
    }
    const above = bytes => (bytes - deepest.kv_bytes) / MB;
    const ours = above(deepest.resident_bytes), theirs = above(deepest.theirs_resident_bytes[better(deepest.theirs).mode]);
    return [row(
        `memory above weights and K/V, ${deepest.name}`, `${ours.toFixed(0)} MB`, `${theirs.toFixed(0)} MB`, "",
        `${verdict(ours, residentAboveKv / MB, "≤ ")} (MB)`, "")];
}

function row(...cells) {
    return `| ${cells.join(" | ")} |`;
}

function flash({ mode }) {
    return `flash attention ${mode}`;
}

function verdict(value, goal, sign) {
    if (!goal || value === undefined) {
        return goal ? sign + goal : "—";
    }
    return `${sign}${goal}${(sign === "≥ " ? value < goal : value > goal) ? ", missed" : ""}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const page = join(dirname(fileURLToPath(import.meta.url)), "../../docs/benchmarks/README.md");
    const [before, , after] = readFileSync(page, "utf8").split(/(?<=<!-- table begins -->\n)|(?=<!-- table ends -->)/);
    writeFileSync(page, `${before}${table(JSON.parse(readFileSync(process.argv[2], "utf8")))}\n${after}`);
}
