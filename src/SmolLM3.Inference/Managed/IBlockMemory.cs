namespace SmolLM3.Inference.Managed;

/// <summary>What a <see cref="KvStore"/> needs of the memory behind its blocks.</summary>
internal interface IBlockMemory
{
    /// <summary>Copies the first <paramref name="tokens"/> tokens of a block to another.</summary>
    void Copy(int source, int destination, int tokens);
}
