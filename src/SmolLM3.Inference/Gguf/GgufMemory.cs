namespace SmolLM3.Inference.Gguf;

/// <summary>The bytes of a file at a fixed address.</summary>
internal abstract unsafe class GgufMemory : IDisposable
{
    /// <summary>The first byte; at least 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public abstract byte* Pointer { get; }

    /// <summary>Number of bytes.</summary>
    public abstract long Length { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
