using System.Text;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tests.Gguf;

/// <summary>Builds files byte by byte, sound or not, independently of the writer.</summary>
internal sealed class RawGguf
{
    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    public RawGguf(uint version = 3, ulong tensors = 0, ulong pairs = 0)
    {
        _writer = new BinaryWriter(_bytes);
        Text("GGUF").Put(version).Put(tensors).Put(pairs);
    }

    public RawGguf Put(uint value)
    {
        _writer.Write(value);
        return this;
    }

    public RawGguf Put(ulong value)
    {
        _writer.Write(value);
        return this;
    }

    public RawGguf Text(string text)
    {
        _writer.Write(Encoding.UTF8.GetBytes(text));
        return this;
    }

    public RawGguf String(string text) => Put((ulong)Encoding.UTF8.GetByteCount(text)).Text(text);

    public RawGguf Tensor(string name, uint type, ulong offset, params ulong[] dimensions)
    {
        String(name).Put((uint)dimensions.Length);
        Array.ForEach(dimensions, dimension => Put(dimension));
        return Put(type).Put(offset);
    }

    public RawGguf Data(int bytes)
    {
        while (_bytes.Length % 32 != 0)
        {
            _writer.Write((byte)0);
        }

        _writer.Write(new byte[bytes]);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    public GgufFile Load() => GgufFile.Load(new MemoryStream(ToArray()));
}
