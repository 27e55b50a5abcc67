using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Adapters;

/// <summary>A GGUF file that a <see cref="Generation.FakeEngine"/> takes for an adapter; gone when it is disposed.</summary>
internal sealed class AdapterFile : IDisposable
{
    public AdapterFile(int number = 0)
    {
        new GgufWriter().Set("number", number).AddTensor("t", GgufTensorType.F32, [1], new byte[4]).Write(Path);
        using GgufFile file = GgufFile.Open(Path);
        Fingerprint = file.ComputeFingerprint();
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");

    public string Fingerprint { get; }

    public void Dispose() => File.Delete(Path);
}
