// Agreement with llama.cpp on every tensor type, by small random-weight files, and on the tiny model; one table.
//   dotnet build -c Release src/SmolLM3.Cli && node agreement.mjs [TYPE ...] [--hidden 256] [--rows 64] [--kernel NAME]
//   node agreement.mjs --model M.gguf [--tokens 200] [--rows 64] [--kernel NAME]
// --rows says how many tokens are computed together: 1, up to 4 and more go through kernels of their own. Exits with 1
// when a tolerance is not kept.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const smollm3 = join(root, "src/SmolLM3.Cli/bin/Release/net10.0/smollm3.dll");
const folder = mkdtempSync(join(tmpdir(), "agreement-"));
const tolerance = { F32: 1e-3, F16: 5e-3, BF16: 5e-3 };
const types = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"];
const { values: args, positionals: chosen } = parseArgs({
    allowPositionals: true,
    options: {
        model: { type: "string", short: "m" },
        tokens: { type: "string", default: "200" },
        hidden: { type: "string", default: "256" },
        rows: { type: "string", default: "64" },
        kernel: { type: "string" },
    },
});
const chat = join(root, "tests/SmolLM3.TinyModel.Tests/Data/chat-ids.json");
const random = join(folder, "ids.json");
writeFileSync(random, JSON.stringify(Array.from({ length: Number(args.tokens) }, (_, i) => (i * i * 31 + i * 17) % 1700)));
let failures = 0;

console.log("| model | relative error | tolerance | KL | top token equal |\n|---|---|---|---|---|");
if (args.model) {
    report(basename(args.model), args.model, random, 2e-2, Infinity);
    finish();
}
for (const type of chosen.length ? chosen : types) {
    check(type, ["--type", type, "--hidden", args.hidden], tolerance[type] ?? 2e-2);
}
if (!chosen.length) {
    check("F32, head of its own", ["--type", "F32", "--untied"], 1e-3);
    check("F32, YaRN factor 2", ["--type", "F32", "--yarn", "2"], 1e-3);
    check("Q4_K, 5 layers, 8 heads on 1", ["--type", "Q4_K", "--layers", "5", "--heads", "8", "--kv-heads", "1"], 2e-2);
}
if (!chosen.length) {
    for (const [type, allowed] of [["F32", 1e-3], ["Q4_K", 2e-2]]) {
        check(`${type}, with a LoRA adapter of rank 16`, ["--type", type], allowed, true);
    }
}
// The chat is text that this model knows: random ids are outside of what it was trained on.
report("tiny model, Q8_0, a chat", join(root, "src/SmolLM3.TinyModel/smollm3-tiny.gguf"), chat, 2e-2, 1e-3);
finish();

function finish() {
    rmSync(folder, { recursive: true });
    process.exit(failures ? 1 : 0);
}

function check(name, options, allowed, adapts = false) {
    const file = join(folder, "model.gguf");
    execFileSync("dotnet", [smollm3, "synthetic", ...options, "--out", file]);
    const lora = adapts ? join(folder, "lora.gguf") : undefined;
    if (lora) {
        execFileSync("dotnet", [smollm3, "synthetic", "--type", "F16", "--lora-for", file, "--out", lora]);
    }
    report(name, file, random, allowed, Infinity, lora);
}

function report(name, file, ids, allowed, mostKl, lora) {
    const ours = join(folder, "ours.f32");
    const adapter = lora ? ["--lora", lora] : [];
    const kernel = args.kernel ? ["--kernel", args.kernel] : [];
    execFileSync("dotnet", [
        smollm3, "eval", "--model", file, "--ids", ids, "--logits", ours, "--rows", args.rows, ...kernel, ...adapter]);
    const result = JSON.parse(execFileSync(
        "node", [join(here, "logits.mjs"), "--model", file, "--ids", ids, "--compare", ours, ...adapter],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    const good = result.relative_error <= allowed && result.top_equal >= 0.99 && result.mean_kl < mostKl;
    failures += good ? 0 : 1;
    console.log(`| ${name} | ${result.relative_error.toExponential(1)} | ${allowed} | ${result.mean_kl.toExponential(1)} `
        + `| ${(100 * result.top_equal).toFixed(1)} % of ${result.clear_positions} |${good ? "" : " **missed**"}`);
}
