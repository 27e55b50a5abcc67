namespace SmolLM3.Extensions.Models;

/// <summary>The models that are known to run here, and which file is meant when nobody says.</summary>
internal static class ModelCatalogue
{
    /// <summary>What is served when no model is set. Its repository has no GGUF file; ggml-org, the makers of llama.cpp,
    /// convert it.</summary>
    public const string DefaultName = "HuggingFaceTB/SmolLM3-3B";

    private const string BaseName = "HuggingFaceTB/SmolLM3-3B-Base";

    /// <summary>1.9 GB instead of the 6.2 GB of half numbers, for little loss; every known repository has it.</summary>
    public const string DefaultQuantization = "Q4_K_M";

    public static IReadOnlyList<KnownModel> Known { get; } =
    [
        new(DefaultName, "ggml-org/SmolLM3-3B-GGUF", DefaultName, "the instruct model; the default"),
        new("unsloth/SmolLM3-3B-GGUF", "unsloth/SmolLM3-3B-GGUF", DefaultName, "the same in many quantizations"),
        new(
            "unsloth/SmolLM3-3B-128K-GGUF", "unsloth/SmolLM3-3B-128K-GGUF", DefaultName,
            "its context stretched to 131,072 tokens"),
        new(BaseName, "mradermacher/SmolLM3-3B-Base-GGUF", BaseName, "the base model: it continues text"),
    ];

    /// <summary>The repository that has the GGUF files of a name; of an unknown one, itself.</summary>
    public static string RepositoryOf(string name) =>
        Known.FirstOrDefault(model => model.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Repository ?? name;

    /// <summary>The repository that has the <c>tokenizer.json</c> of a repository's GGUF files; of an unknown one,
    /// itself.</summary>
    public static string TokenizerOf(string repository) =>
        Known.FirstOrDefault(model => model.Repository == repository)?.Tokenizer ?? repository;
}
