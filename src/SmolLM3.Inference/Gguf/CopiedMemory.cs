using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Gguf;

/// <summary>A stream read to its end into native memory.</summary>
internal sealed unsafe class CopiedMemory : GgufMemory
{
    private const int Alignment = 64;
    private const long FirstCapacity = 1 << 20;

    private byte* _pointer;
    private long _capacity;
    private long _length;

    public CopiedMemory(Stream stream)
    {
        // The stream may lie about its length or not know it, so the length is only where the capacity starts.
        Grow(stream.CanSeek ? Math.Max(stream.Length - stream.Position, 0) + 1 : FirstCapacity);
        while (true)
        {
            if (_length == _capacity)
            {
                Grow(checked(_capacity * 2));
            }

            int room = (int)Math.Min(_capacity - _length, FirstCapacity);
            int read = stream.Read(new Span<byte>(_pointer + _length, room));
            if (read == 0)
            {
                return;
            }

            _length += read;
        }
    }

    ~CopiedMemory() => Free();

    public override byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == null, typeof(GgufFile));
            return _pointer;
        }
    }

    public override long Length => _length;

    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Grow(long capacity)
    {
        _pointer = (byte*)NativeMemory.AlignedRealloc(_pointer, checked((nuint)capacity), Alignment);
        _capacity = capacity;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
