using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Synthetic;

/// <summary>
/// Writes models of SmolLM3's architecture with random weights: what an engine computes with them means nothing, but
/// it takes the time and the memory of the real model, and every engine must compute the same. Activations stay in the
/// range of a trained model and logits spread by a few nats.
/// </summary>
public static class SyntheticModel
{
    // Standard deviation of the logits.
    private const float LogitSpread = 2.5f;

    // Standard deviation of what all layers together add to the residual stream, in units of the embedding's. A trained
    // network damps small errors; one of random layers that overwrite what came before makes them grow from layer to
    // layer, until no two engines that round activations agree. So these layers add less than is there already.
    private const float LayersSpread = 0.5f;

    // Root mean square of silu(gate) · up for standard normal gate and up.
    private const float GatedSpread = 0.6f;

    /// <summary>Writes a GGUF file (1.9 GB with the options as they come).</summary>
    /// <exception cref="ArgumentException">The sizes do not make a model.</exception>
    public static void Write(string path, SyntheticModelOptions options) => Describe(options).Write(path);

    /// <summary>Writes a GGUF file to a stream.</summary>
    /// <exception cref="ArgumentException">The sizes do not make a model.</exception>
    public static void Write(Stream stream, SyntheticModelOptions options) => Describe(options).Write(stream);

    private static GgufWriter Describe(SyntheticModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var writer = new GgufWriter();
        SyntheticMetadata.Set(writer, options);
        SyntheticVocabulary.Create(options.VocabularySize).Set(writer);

        int hidden = options.HiddenSize;
        int keyValue = hidden / options.HeadCount * options.KeyValueHeadCount;
        int feedForward = options.FeedForwardSize;
        float unit = 1 / MathF.Sqrt(hidden);
        float embedding = LogitSpread * unit;
        float residual = embedding * LayersSpread / MathF.Sqrt(2 * options.LayerCount);
        float down = residual / GatedSpread / MathF.Sqrt(feedForward);
        GgufTensorType plain = options.TensorType ?? GgufTensorType.Q4_K;
        GgufTensorType fine = options.TensorType ?? GgufTensorType.Q6_K;
        var weights = new SyntheticWeights(writer, options);

        weights.AddMatrix("token_embd.weight", fine, hidden, options.VocabularySize, embedding);
        for (int layer = 0; layer < options.LayerCount; layer++)
        {
            string name = $"blk.{layer}.";
            GgufTensorType mixed = GetsMoreBits(layer, options.LayerCount) ? fine : plain;
            weights.AddNorm(name + "attn_norm.weight", hidden);
            weights.AddMatrix(name + "attn_q.weight", plain, hidden, hidden, unit);
            weights.AddMatrix(name + "attn_k.weight", plain, hidden, keyValue, unit);
            weights.AddMatrix(name + "attn_v.weight", mixed, hidden, keyValue, unit);
            weights.AddMatrix(name + "attn_output.weight", plain, hidden, hidden, residual * unit);
            weights.AddNorm(name + "ffn_norm.weight", hidden);
            weights.AddMatrix(name + "ffn_gate.weight", plain, hidden, feedForward, unit);
            weights.AddMatrix(name + "ffn_up.weight", plain, hidden, feedForward, unit);
            weights.AddMatrix(name + "ffn_down.weight", mixed, feedForward, hidden, down);
        }

        // With weights of either sign a tied head does not simply give the last token again.
        weights.AddNorm("output_norm.weight", hidden, eitherSign: true);
        if (!options.TieEmbeddings)
        {
            weights.AddMatrix("output.weight", fine, hidden, options.VocabularySize, embedding);
        }

        return writer;
    }

    // What Q4_K_M means for attn_v and ffn_down: the first and last eighth of the layers and every third between.
    internal static bool GetsMoreBits(int layer, int layers)
        => layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}
