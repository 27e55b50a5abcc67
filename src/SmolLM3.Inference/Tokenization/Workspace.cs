namespace SmolLM3.Inference.Tokenization;

/// <summary>What one call of <see cref="Tokenizer"/> works with.</summary>
internal sealed class Workspace
{
    // 256 KiB of ids: after a longer text the list is let go.
    private const int MaxKeptIds = 1 << 16;

    /// <summary>Pieces met by earlier calls.</summary>
    public PieceCache Cache { get; } = new();

    /// <summary>Collects ids until their number is known.</summary>
    public List<int> Ids { get; private set; } = [];

    /// <summary>Makes it ready for the next call.</summary>
    public void Reset()
    {
        if (Ids.Capacity > MaxKeptIds)
        {
            Ids = [];
        }

        Ids.Clear();
    }
}
