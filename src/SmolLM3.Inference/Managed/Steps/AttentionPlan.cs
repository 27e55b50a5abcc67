using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>
/// Shares out a batch's attention: rows of a prompt go in tiles, so that a block is read once for all of them; when
/// there are fewer rows than hands, the chunks of a row are shared out too. How it is shared never shows in the result:
/// chunks stand at fixed positions, and are merged in order.
/// </summary>
internal sealed class AttentionPlan(int maxRows, int tileRows, int kvHeads, int workers, int blockTokens)
{
    /// <summary>Blocks whose results are merged before those of others. Sharing a row out pays from some hundred tokens
    /// a part.</summary>
    public const int ChunkBlocks = 4;

    // More parts than workers, so that who is held up does less.
    private const int PartsPerWorker = 8;

    private readonly int _wanted = workers * PartsPerWorker;
    private readonly AttentionTile[] _tiles = new AttentionTile[maxRows + (workers * PartsPerWorker)];
    private readonly AttentionTile[] _split = new AttentionTile[workers * PartsPerWorker];

    /// <summary>Tiles in use.</summary>
    public int Tiles { get; private set; }

    /// <summary>Rows whose chunks are shared out.</summary>
    public int SplitRows { get; private set; }

    /// <summary>Chunks of those rows, for which results are kept.</summary>
    public int Partials { get; private set; }

    /// <summary>A tile.</summary>
    public ref readonly AttentionTile Tile(int index) => ref _tiles[index];

    /// <summary>A row whose chunks are shared out, with all its chunks.</summary>
    public ref readonly AttentionTile SplitRow(int index) => ref _split[index];

    /// <summary>Plans a batch.</summary>
    public void Plan(ReadOnlySpan<BatchRow> rows)
    {
        (Tiles, SplitRows, Partials) = (0, 0, 0);
        int ranges = workers == 1 ? 1 : (_wanted + (rows.Length * kvHeads) - 1) / (rows.Length * kvHeads);
        for (int first = 0; first < rows.Length;)
        {
            int count = 1;
            while (count < tileRows && first + count < rows.Length
                && rows[first + count].Sequence == rows[first].Sequence)
            {
                count++;
            }

            int chunks = (rows[first + count - 1].Position / (ChunkBlocks * blockTokens)) + 1;
            AttentionTile tile = new(rows[first].Sequence, first, count, 0, chunks, -1);
            int parts = count == 1 ? Math.Min(ranges, chunks) : 1;
            if (parts > 1)
            {
                Split(tile, parts);
            }
            else
            {
                _tiles[Tiles++] = tile;
            }

            first += count;
        }
    }

    private void Split(AttentionTile row, int parts)
    {
        for (int part = 0; part < parts; part++)
        {
            RowRange chunks = RowRange.Share(row.EndChunk, part, parts);
            _tiles[Tiles++] = row with { FirstChunk = chunks.First, EndChunk = chunks.End, Partial = Partials };
        }

        _split[SplitRows++] = row with { Partial = Partials };
        Partials += row.EndChunk;
    }
}
