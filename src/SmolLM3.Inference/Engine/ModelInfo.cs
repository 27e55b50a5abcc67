namespace SmolLM3.Inference.Engine;

/// <summary>Facts of a model that callers of an engine need.</summary>
/// <param name="Architecture">As the file says, <c>smollm3</c>.</param>
/// <param name="Name">The model's name from the file, or null.</param>
/// <param name="VocabularySize">Number of token ids, the length of a row of logits.</param>
/// <param name="TrainedContextLength">Positions the model was made for, YaRN of the file included, in tokens.</param>
/// <param name="ParameterCount">Number of weights.</param>
/// <param name="KvBytesPerToken">Memory one token of context takes, in bytes.</param>
public sealed record ModelInfo(
    string Architecture,
    string? Name,
    int VocabularySize,
    int TrainedContextLength,
    long ParameterCount,
    int KvBytesPerToken);
