// Makes the token ids the tests of the tokenizer compare with: every text of tokenize_texts.mjs, tokenized by llama.cpp
// with the tiny model's vocabulary, with special tokens recognised and without.
//
//     node tests/peers/tokenize.mjs
import { writeFileSync } from "node:fs";
import { loadModel } from "./peer.mjs";
import { texts } from "./tokenize_texts.mjs";

const file = (path) => new URL(`../../${path}`, import.meta.url);
const model = await loadModel(file("src/SmolLM3.TinyModel/smollm3-tiny.gguf").pathname, 1);

// What cannot be seen is escaped, so that no editor changes it unnoticed.
const hidden = /[\p{C}\p{M}\p{Zl}\p{Zp}\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/gu;
const hex = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
const escape = (json) => json.replace(hidden, (character) => character.split("").map(hex).join(""));

const lines = texts.map((text) => escape(JSON.stringify({
    text,
    parseSpecialOff: Array.from(model.tokenize(text, false)),
    parseSpecialOn: Array.from(model.tokenize(text, true)),
})));
const expected = "tests/SmolLM3.Inference.Tests/Tokenization/Data/llama-cpp-tokens.json";
writeFileSync(file(expected), `[\n${lines.join(",\n")}\n]\n`);
console.log(`${texts.length} texts`);
process.exit(0);
