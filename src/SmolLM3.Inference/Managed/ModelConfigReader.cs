using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed;

/// <summary>Reads a <see cref="ModelConfig"/> from a file's metadata and checks that its numbers go together.</summary>
internal sealed class ModelConfigReader
{
    private const string Prefix = ModelConfig.SupportedArchitecture + ".";
    private const int MostLayers = 4096;
    private const int MostWidth = 1 << 20;

    // Thousands of times what SmolLM3 takes; below it, no later product of sizes overflows.
    private const int MostKvBytesPerToken = 1 << 28;

    private readonly GgufFile _file;
    private readonly GgufMetadata _metadata;

    private ModelConfigReader(GgufFile file) => (_file, _metadata) = (file, file.Metadata);

    private string Source => _file.Path ?? "The stream";

    /// <summary>Reads it.</summary>
    /// <param name="file">The model.</param>
    /// <param name="yarnFactor">Takes the place of what the file says about stretching: 1 for none.</param>
    /// <exception cref="UnsupportedModelException">Another architecture, or a variant that is not run.</exception>
    /// <exception cref="GgufFormatException">A key is missing or senseless.</exception>
    public static ModelConfig Read(GgufFile file, float? yarnFactor = null) =>
        new ModelConfigReader(file).Read(yarnFactor);

    private ModelConfig Read(float? yarnFactor)
    {
        string architecture = _metadata.GetString("general.architecture");
        if (architecture != ModelConfig.SupportedArchitecture)
        {
            throw new UnsupportedModelException(
                $"{Source} holds a model of architecture '{architecture}'; this engine runs "
                + $"'{ModelConfig.SupportedArchitecture}'. Use a SmolLM3 GGUF file.");
        }

        int width = Size("embedding_length", MostWidth);
        int heads = Size("attention.head_count", MostWidth);
        int headDimension = HeadDimension(width, heads);
        int context = Size("context_length", int.MaxValue);
        ModelConfig config = new()
        {
            Name = _metadata.TryGetString("general.name", out string? name) ? name : null,
            Layers = Size("block_count", MostLayers),
            Width = width,
            FeedForwardWidth = Size("feed_forward_length", MostWidth),
            Heads = heads,
            KvHeads = Size("attention.head_count_kv", MostWidth, absent: heads),
            HeadDimension = headDimension,
            Vocabulary = Vocabulary(),
            ContextLength = context,
            NormEpsilon = (float)_metadata.GetDouble(Prefix + "attention.layer_norm_rms_epsilon"),
            RopeDimensions = Size("rope.dimension_count", MostWidth, absent: headDimension),
            RopeBase = _metadata.GetDouble(Prefix + "rope.freq_base"),
            Scaling = Scaling(context, yarnFactor),
        };
        Check(config);
        return config;
    }

    private void Check(ModelConfig config)
    {
        // As long: products of crafted sizes must not wrap around to small ones.
        Require(
            (long)config.Heads * config.HeadDimension <= MostWidth
                && (long)config.KvHeads * config.HeadDimension <= MostWidth,
            $"{config.Heads} heads of {config.HeadDimension}");
        Require(
            (long)config.Layers * config.KvWidth <= MostKvBytesPerToken / 4,
            $"{config.Layers} layers of {config.KvHeads} KV heads of {config.HeadDimension}");
        Require(
            config.Heads % config.KvHeads == 0,
            $"{config.Heads} heads cannot share {config.KvHeads} KV heads evenly");
        Require(
            config.RopeDimensions % 2 == 0 && config.RopeDimensions <= config.HeadDimension,
            $"{config.RopeDimensions} rotary dimensions do not fit heads of {config.HeadDimension}");
        Require(config.RopeBase > 1 && double.IsFinite(config.RopeBase), $"a rotary base of {config.RopeBase}");
        Require(config.NormEpsilon is >= 0 and < 1, $"a norm epsilon of {config.NormEpsilon}");
    }

    private int HeadDimension(int width, int heads)
    {
        Require(
            _metadata.ContainsKey(Prefix + "attention.key_length") || width % heads == 0,
            $"a width of {width} is not a multiple of {heads} heads");
        int length = Size("attention.key_length", MostWidth, absent: width / heads);
        int values = Size("attention.value_length", MostWidth, absent: length);
        return values == length
            ? length
            : throw new UnsupportedModelException(
                $"{Source}: keys of {length} and values of {values} numbers a head; SmolLM3 has them equal.");
    }

    // The tensor decides: files disagree about the key.
    private int Vocabulary()
    {
        long rows = _file.GetTensor(ModelWeights.EmbeddingName).RowCount;
        Require(rows is > 0 and <= int.MaxValue, $"{rows} tokens");
        return (int)rows;
    }

    // As llama.cpp reads it: a factor of 0 is none, and the attention factor counts whatever the type. For this
    // architecture it leaves all yarn_ keys unread; the two betas are read here, because transformers goes by them.
    private RopeScaling? Scaling(int context, float? yarnFactor)
    {
        // A file that has been stretched says how long it was before.
        int original = Size("rope.scaling.original_context_length", int.MaxValue, absent: context);
        double oldFactor = Number("rope.scale_linear", absent: 0);
        float factor = yarnFactor ?? (float)Number("rope.scaling.factor", absent: oldFactor);
        factor = factor == 0 ? 1 : factor;
        float attention = Positive("rope.scaling.attn_factor", absent: 1);
        string type = yarnFactor is null ? Text("rope.scaling.type", absent: "linear") : "yarn";
        Require(factor >= 1 && float.IsFinite(factor), $"a rotary scaling factor of {factor}");
        if (factor == 1 || type == "none")
        {
            return yarnFactor is null && attention == 1
                ? null
                : new RopeScaling(1, false, yarnFactor is null ? context : original, AttentionFactor: attention);
        }

        return type is "yarn" or "linear"
            ? new RopeScaling(
                factor,
                type == "yarn",
                original,
                Positive("rope.scaling.yarn_beta_fast", RopeScaling.DefaultBetaFast),
                Positive("rope.scaling.yarn_beta_slow", RopeScaling.DefaultBetaSlow),
                attention)
            : throw new UnsupportedModelException(
                $"{Source}: rotary scaling of type '{type}' is not supported; use a file with 'yarn' or none.");
    }

    private int Size(string key, int most, int? absent = null)
    {
        if (absent is { } value && !_metadata.ContainsKey(Prefix + key))
        {
            return value;
        }

        int size = _metadata.GetInt32(Prefix + key);
        Require(size > 0 && size <= most, $"'{Prefix}{key}' is {size}");
        return size;
    }

    private double Number(string key, double absent) =>
        _metadata.ContainsKey(Prefix + key) ? _metadata.GetDouble(Prefix + key) : absent;

    private float Positive(string key, double absent)
    {
        float value = (float)Number(key, absent);
        Require(value > 0 && float.IsFinite(value), $"'{Prefix}{key}' is {value}");
        return value;
    }

    private string Text(string key, string absent) =>
        _metadata.ContainsKey(Prefix + key) ? _metadata.GetString(Prefix + key) : absent;

    private void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new GgufFormatException($"{Source}: The metadata cannot be right: {what}.");
        }
    }
}
