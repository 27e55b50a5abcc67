using System.CommandLine;

namespace SmolLM3.Cli.Help;

/// <summary>Lines to start from, for every command.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> s_all = new()
    {
        ["pull"] =
        [
            "smollm3 pull",
            "smollm3 pull unsloth/SmolLM3-3B-128K-GGUF:Q8_0 --json",
        ],
        ["list"] = ["smollm3 list", "smollm3 list --json"],
        ["rm"] = ["smollm3 rm HuggingFaceTB/SmolLM3-3B"],
        ["chat"] =
        [
            "smollm3 chat",
            "smollm3 chat --think --tools --system 'Answer in one sentence.'",
            "smollm3 chat --model tiny < questions.txt",
        ],
        ["run"] =
        [
            "smollm3 run 'What is 3 + 4?' --think",
            "git diff | smollm3 run - --system 'Write a commit message for this.'",
            "smollm3 run 'Name three rivers.' --json-schema rivers.json --seed 1",
            "smollm3 run 'tree ->' --raw --model HuggingFaceTB/SmolLM3-3B-Base --max-tokens 8",
        ],
        ["render"] = ["smollm3 render --messages chat.json --tools tools.json --no-think"],
        ["tokenize"] = ["printf 'Hello' | smollm3 tokenize --model tiny"],
        ["eval"] =
        [
            "smollm3 eval --text book.txt --context 4096 --stride 1024 --json",
            "smollm3 eval --model SmolLM3-Q4_K_M.gguf --ids ids.json --logits logits.f32",
        ],
        ["info"] = ["smollm3 info", "smollm3 info SmolLM3-Q4_K_M.gguf --context 65536 --json"],
        ["bench"] =
        [
            "smollm3 bench -p 512 -n 64 -t 4,8",
            "smollm3 bench --synthetic q4_k_m --json",
            "smollm3 bench --model tiny --clients 1,4,16 --requests 32",
        ],
        ["serve"] =
        [
            "smollm3 serve",
            "smollm3 serve unsloth/SmolLM3-3B-GGUF:Q8_0 --port 9000 --context 16384",
            "SMOLLM3_API_KEY=… smollm3 serve --host 0.0.0.0 --allowed-host models.example.com",
        ],
        ["synthetic"] = ["smollm3 synthetic --type Q5_K --out random.gguf"],
    };

    /// <summary>Those of a command; of the tool itself, some to begin with.</summary>
    public static IReadOnlyList<string> Of(Command command) => command is RootCommand
        ? [s_all["run"][0], s_all["chat"][0], s_all["serve"][0], "smollm3 run --help"]
        : s_all[command.Name];
}
