// Makes the token ids the tests of the prompt compare with: every text of renders.json, tokenized by llama.cpp with
// the tiny model's vocabulary and special tokens recognised.
//
//     node tests/peers/render_tokens.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { loadModel } from "./peer.mjs";

const file = (path) => new URL(`../../${path}`, import.meta.url);
const data = "tests/SmolLM3.Extensions.Tests/Chat/Data";
const model = await loadModel(file("src/SmolLM3.TinyModel/smollm3-tiny.gguf").pathname, 1);
const renders = JSON.parse(readFileSync(file(`${data}/renders.json`), "utf8"));
const lines = renders.map(({ name, expected }) =>
    `${JSON.stringify(name)}:${JSON.stringify(model.tokenize(expected, true))}`);
writeFileSync(file(`${data}/render-tokens.json`), `{${lines.join(",\n")}}\n`);
console.log(`${lines.length} prompts`);
process.exit(0);
