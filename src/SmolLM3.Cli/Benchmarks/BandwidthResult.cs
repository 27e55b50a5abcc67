using System.Text.Json.Serialization;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>How fast so many threads read memory; its properties are the keys of its JSON line.</summary>
internal sealed record BandwidthResult(int Threads, double BytesPerSecond)
{
    [JsonPropertyOrder(-1)]
    public string Test { get; } = "read bandwidth";
}
