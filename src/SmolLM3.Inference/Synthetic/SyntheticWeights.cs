using System.Runtime.InteropServices;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Synthetic;

/// <summary>
/// The tensors of a synthetic model. A small model's weights are drawn and quantized one by one. For a large one that
/// would take minutes, so its rows are put together from a pool of some thousand quantized pieces.
/// </summary>
internal sealed class SyntheticWeights(GgufWriter writer, SyntheticModelOptions options)
{
    private const int PieceLength = 256;
    private const int PoolPieces = 1 << 14;
    private const int ChunkBytes = 4 << 20;

    private readonly bool _drawn = CountWeights(options) <= options.LargestDrawn;
    private readonly Dictionary<(GgufTensorType, float), byte[]> _pools = [];

    public void AddNorm(string name, int length, bool eitherSign = false)
    {
        var random = new SyntheticRandom(options.Seed, name);
        var values = new float[length];
        foreach (ref float value in values.AsSpan())
        {
            value = 1 + 0.1f * random.NextBell();
            value = eitherSign && random.Next() % 2 == 0 ? -value : value;
        }

        writer.AddTensor(name, GgufTensorType.F32, [length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    public void AddMatrix(string name, GgufTensorType type, int columns, int rows, float deviation)
    {
        // Rows narrower than a piece or not made of whole pieces exist only in small models.
        bool drawn = _drawn || columns % PieceLength != 0;
        writer.AddTensor(name, type, [columns, rows], stream =>
        {
            var random = new SyntheticRandom(options.Seed, name);
            if (drawn)
            {
                Draw(stream, type, columns, rows, deviation, ref random);
            }
            else
            {
                Assemble(stream, type, (long)rows * (columns / PieceLength), deviation, ref random);
            }
        });
    }

    private static long CountWeights(SyntheticModelOptions options)
    {
        long hidden = options.HiddenSize;
        long attention = 2 * hidden * (hidden + hidden / options.HeadCount * options.KeyValueHeadCount);
        return options.VocabularySize * hidden
            + options.LayerCount * (attention + 3 * hidden * options.FeedForwardSize);
    }

    private static void Draw(
        Stream stream, GgufTensorType type, int columns, int rows, float deviation, ref SyntheticRandom random)
    {
        var values = new float[columns];
        var row = new byte[GgufTensorTypes.RowBytes(type, columns)];
        for (int r = 0; r < rows; r++)
        {
            Fill(values, deviation, ref random);
            RowCodec.Quantize(type, values, row);
            stream.Write(row);
        }
    }

    private void Assemble(
        Stream stream, GgufTensorType type, long pieces, float deviation, ref SyntheticRandom random)
    {
        ReadOnlySpan<byte> pool = GetPool(type, deviation);
        int pieceBytes = pool.Length / PoolPieces;
        var chunk = new byte[ChunkBytes / pieceBytes * pieceBytes];
        for (long left = pieces * pieceBytes; left > 0; left -= chunk.Length)
        {
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(left, chunk.Length));
            for (int i = 0; i < part.Length; i += pieceBytes)
            {
                int piece = (int)(random.Next() % PoolPieces);
                pool.Slice(piece * pieceBytes, pieceBytes).CopyTo(part[i..]);
            }

            stream.Write(part);
        }
    }

    private byte[] GetPool(GgufTensorType type, float deviation)
    {
        if (_pools.TryGetValue((type, deviation), out byte[]? pool))
        {
            return pool;
        }

        int pieceBytes = (int)GgufTensorTypes.RowBytes(type, PieceLength);
        pool = new byte[PoolPieces * pieceBytes];
        _pools.Add((type, deviation), pool);
        Parallel.For(0, PoolPieces, piece =>
        {
            Span<float> values = stackalloc float[PieceLength];
            var random = new SyntheticRandom(options.Seed, $"{type}/{piece}");
            Fill(values, deviation, ref random);
            RowCodec.Quantize(type, values, pool.AsSpan(piece * pieceBytes, pieceBytes));
        });
        return pool;
    }

    private static void Fill(Span<float> values, float deviation, ref SyntheticRandom random)
    {
        foreach (ref float value in values)
        {
            value = deviation * random.NextBell();
        }
    }
}
