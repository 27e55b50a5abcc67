using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Synthetic;

/// <summary>Writes LoRA adapters with random weights for a model, in the form llama.cpp reads: what they make of it means
/// nothing, but takes the time and the memory of a trained one.</summary>
public static class SyntheticAdapter
{
    /// <summary>Writes an adapter that changes every linear projection of every layer.</summary>
    /// <exception cref="ArgumentException">The rank is below 1, or the type has blocks that do not fit.</exception>
    public static void Write(string path, GgufFile model, SyntheticAdapterOptions options) =>
        Describe(model, options).Write(path);

    /// <summary>Writes an adapter to a stream.</summary>
    /// <inheritdoc cref="Write(string, GgufFile, SyntheticAdapterOptions)"/>
    public static void Write(Stream stream, GgufFile model, SyntheticAdapterOptions options) =>
        Describe(model, options).Write(stream);

    private static GgufWriter Describe(GgufFile model, SyntheticAdapterOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rank, 1);
        string architecture = model.Metadata.GetString("general.architecture");
        GgufWriter writer = new();
        writer.Set("general.type", "adapter").Set("general.architecture", architecture).Set("adapter.type", "lora");
        if (options.Alpha != 0)
        {
            writer.Set("adapter.lora.alpha", options.Alpha);
        }

        int layers = model.Metadata.GetInt32(architecture + ".block_count");
        foreach (int layer in Enumerable.Range(0, layers))
        {
            foreach (LoraTarget target in Enum.GetValues<LoraTarget>())
            {
                Add(writer, model.GetTensor(LoraFile.NameOf(layer, target)), options);
            }
        }

        return writer;
    }

    // A keeps the size of its input; B brings it to that of the matrix's output.
    private static void Add(GgufWriter writer, GgufTensor matrix, SyntheticAdapterOptions options)
    {
        long inputs = matrix.Dimensions[0];
        float factor = options.Alpha == 0 ? 1 : Math.Abs(options.Alpha) / options.Rank;
        float unit = 1 / MathF.Sqrt(inputs);
        float output = Size(matrix) / unit * options.Strength / factor / MathF.Sqrt(options.Rank);
        Add(writer, matrix.Name + ".lora_a", [inputs, options.Rank], unit, options);
        Add(writer, matrix.Name + ".lora_b", [options.Rank, matrix.RowCount], output, options);
    }

    private static void Add(
        GgufWriter writer, string name, long[] sizes, float deviation, SyntheticAdapterOptions options) =>
        writer.AddTensor(name, options.TensorType, sizes, stream =>
        {
            var random = new SyntheticRandom(options.Seed, name);
            var values = new float[sizes[0]];
            var row = new byte[GgufTensorTypes.RowBytes(options.TensorType, sizes[0])];
            for (long r = 0; r < sizes[1]; r++)
            {
                foreach (ref float value in values.AsSpan())
                {
                    value = deviation * random.NextBell();
                }

                RowCodec.Quantize(options.TensorType, values, row);
                stream.Write(row);
            }
        });

    /// <summary>Root mean square of a matrix's numbers, by its first row.</summary>
    private static float Size(GgufTensor matrix)
    {
        var row = new float[matrix.Dimensions[0]];
        RowCodec.Dequantize(matrix.Type, matrix.GetRow(0), row);
        return (float)Math.Sqrt(row.Sum(value => (double)value * value) / row.Length);
    }
}
