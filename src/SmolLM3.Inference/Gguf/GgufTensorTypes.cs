namespace SmolLM3.Inference.Gguf;

/// <summary>Facts about <see cref="GgufTensorType"/>: how many elements and bytes a block has.</summary>
public static class GgufTensorTypes
{
    /// <summary>Every supported type, in the order of their ids.</summary>
    public static IReadOnlyList<GgufTensorType> All { get; } = Enum.GetValues<GgufTensorType>();

    /// <summary>Whether the value is one of the supported types.</summary>
    public static bool IsSupported(GgufTensorType type) => Sizes(type).Bytes != 0;

    /// <summary>Elements in one block; 1 for the float types. Rows are whole blocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a supported type.</exception>
    public static int BlockLength(GgufTensorType type) => Checked(type).Length;

    /// <summary>Bytes of one block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a supported type.</exception>
    public static int BlockBytes(GgufTensorType type) => Checked(type).Bytes;

    /// <summary>Bytes of one row of <paramref name="columns"/> elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a supported type.</exception>
    /// <exception cref="ArgumentException">The columns are negative or not a multiple of the block.</exception>
    public static long RowBytes(GgufTensorType type, long columns)
    {
        (int length, int bytes) = Checked(type);
        if (columns < 0 || columns % length != 0)
        {
            throw new ArgumentException(
                $"A row of {type} is a multiple of {length} elements; {columns} is not.", nameof(columns));
        }

        return checked(columns / length * bytes);
    }

    private static (int Length, int Bytes) Checked(GgufTensorType type)
    {
        (int Length, int Bytes) sizes = Sizes(type);
        return sizes.Bytes != 0
            ? sizes
            : throw new ArgumentOutOfRangeException(nameof(type), type, "Not a supported tensor type.");
    }

    private static (int Length, int Bytes) Sizes(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 => (1, 4),
        GgufTensorType.F16 => (1, 2),
        GgufTensorType.BF16 => (1, 2),
        GgufTensorType.Q4_0 => (32, 18),
        GgufTensorType.Q4_1 => (32, 20),
        GgufTensorType.Q5_0 => (32, 22),
        GgufTensorType.Q5_1 => (32, 24),
        GgufTensorType.Q8_0 => (32, 34),
        GgufTensorType.Q2_K => (256, 84),
        GgufTensorType.Q3_K => (256, 110),
        GgufTensorType.Q4_K => (256, 144),
        GgufTensorType.Q5_K => (256, 176),
        GgufTensorType.Q6_K => (256, 210),
        _ => default,
    };
}
