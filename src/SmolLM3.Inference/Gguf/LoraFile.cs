using System.Globalization;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// A LoRA adapter as llama.cpp's converter writes it, read and checked against the model it is for:
/// <c>general.type</c> is <c>adapter</c>, <c>adapter.type</c> is <c>lora</c>, and for each matrix that is changed there
/// are two tensors, of its name with <c>.lora_a</c> and <c>.lora_b</c> behind it.
/// </summary>
internal sealed class LoraFile
{
    /// <summary>The projections' names in a file, in the order of <see cref="LoraTarget"/>.</summary>
    public static readonly string[] Projections =
        ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    private const string EndA = ".lora_a";
    private const string EndB = ".lora_b";

    private readonly GgufFile _file;
    private readonly GgufFile _model;

    private LoraFile(GgufFile file, GgufFile model)
    {
        (_file, _model) = (file, model);
        CheckMetadata();
        float alpha = Alpha();
        Tensors = [.. file.Tensors.Select(tensor => BaseName(tensor)).Distinct().Select(name => Pair(name, alpha))];
        if (Tensors.Count == 0)
        {
            throw new GgufFormatException($"{Source}: The adapter is empty: it changes nothing. Convert it again.");
        }
    }

    /// <summary>The pairs of tensors, in the order of the file; at least one.</summary>
    public IReadOnlyList<LoraTensors> Tensors { get; }

    private string Source => _file.Path ?? "The stream";

    /// <summary>Reads an adapter's head.</summary>
    /// <param name="file">The adapter.</param>
    /// <param name="model">The model it is to change.</param>
    /// <exception cref="GgufFormatException">It is no adapter, incomplete, or made for another base model.</exception>
    /// <exception cref="UnsupportedModelException">It is another kind of adapter, or changes what is not adapted
    /// here.</exception>
    public static LoraFile Read(GgufFile file, GgufFile model)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(model);
        return new LoraFile(file, model);
    }

    /// <summary>The name of a matrix in a model's file.</summary>
    public static string NameOf(int layer, LoraTarget target) => $"blk.{layer}.{Projections[(int)target]}.weight";

    private void CheckMetadata()
    {
        if (!_file.Metadata.TryGetString("general.type", out string? type) || type != "adapter")
        {
            throw new GgufFormatException(
                $"{Source}: This is no adapter: its general.type is '{type ?? "missing"}', not 'adapter'. Give a LoRA "
                + "adapter in GGUF, as llama.cpp's convert_lora_to_gguf.py makes it.");
        }

        string architecture = _model.Metadata.GetString("general.architecture");
        if (_file.Metadata.GetString("general.architecture") is { } other && other != architecture)
        {
            throw new GgufFormatException(
                $"{Source}: The adapter is for models of architecture '{other}', but this one is '{architecture}'. "
                + OtherBase);
        }

        string kind = _file.Metadata.GetString("adapter.type");
        if (kind != "lora")
        {
            throw new UnsupportedModelException(
                $"{Source}: The adapter is of type '{kind}'; only 'lora' is supported.");
        }

        if (_file.Metadata.ContainsKey("adapter.alora.invocation_tokens"))
        {
            throw new UnsupportedModelException(
                $"{Source}: This adapter is to begin in the middle of a prompt (an activated LoRA), which is not "
                + "supported. Use an ordinary LoRA.");
        }
    }

    private const string OtherBase = "It was made for another base model: use it with that one.";

    private float Alpha()
    {
        const string key = "adapter.lora.alpha";
        float alpha = _file.Metadata.ContainsKey(key) ? (float)_file.Metadata.GetDouble(key) : 0;
        return float.IsFinite(alpha)
            ? alpha
            : throw new GgufFormatException($"{Source}: '{key}' is {alpha}. Convert the adapter again.");
    }

    private string BaseName(GgufTensor tensor)
    {
        string name = tensor.Name;
        if (name.EndsWith(EndA, StringComparison.Ordinal) || name.EndsWith(EndB, StringComparison.Ordinal))
        {
            name = name[..^EndA.Length];
            if (TryParse(name, out _, out _))
            {
                return name;
            }
        }

        throw new UnsupportedModelException(
            $"{Source}: The adapter has a tensor '{tensor.Name}'. Adapters may change the linear projections of layers "
            + $"({string.Join(", ", Projections)}) and nothing else: train it with those as target modules.");
    }

    private LoraTensors Pair(string name, float alpha)
    {
        _ = TryParse(name, out int layer, out LoraTarget target);
        GgufTensor a = Half(name, EndA), b = Half(name, EndB);
        if (!_model.TryGetTensor(name, out GgufTensor? matrix))
        {
            throw new GgufFormatException(
                $"{Source}: The adapter changes '{name}', which the model does not have. {OtherBase}");
        }

        if (IsMatrix(a) && IsMatrix(b) && a.Dimensions[0] == matrix.Dimensions[0] && b.RowCount == matrix.RowCount)
        {
            return a.RowCount == b.Dimensions[0]
                ? new LoraTensors(layer, target, a, b, alpha == 0 ? 1 : alpha / a.RowCount)
                : throw new GgufFormatException(
                    $"{Source}: The tensors {a} and {b} have different ranks, {a.RowCount} and {b.Dimensions[0]}. "
                    + "Convert the adapter again.");
        }

        throw new GgufFormatException(
            $"{Source}: The tensors {a} and {b} do not fit the model's {matrix}. {OtherBase}");
    }

    private GgufTensor Half(string name, string end) => _file.TryGetTensor(name + end, out GgufTensor? tensor)
        ? tensor
        : throw new GgufFormatException(
            $"{Source}: Of '{name}' the adapter has one half only: '{name + end}' is missing. Convert it again.");

    private static bool IsMatrix(GgufTensor tensor) => tensor.Dimensions.Count <= 2;

    private static bool TryParse(string name, out int layer, out LoraTarget target)
    {
        (layer, target) = (-1, default);
        if (name.Split('.') is not ["blk", var number, var projection, "weight"])
        {
            return false;
        }

        int place = Array.IndexOf(Projections, projection);
        target = (LoraTarget)place;
        return place >= 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out layer);
    }
}
