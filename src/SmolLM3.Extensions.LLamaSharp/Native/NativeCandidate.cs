namespace SmolLM3.Extensions.LLamaSharp.Native;

/// <summary>A build of llama.cpp that may be loaded.</summary>
/// <param name="Backend">What it computes on.</param>
/// <param name="Name">The backend with its instruction set or version, such as <c>cpu avx2</c> or <c>cuda12</c>.</param>
/// <param name="Libraries">Paths in the order of loading; the last is llama itself.</param>
internal sealed record NativeCandidate(LLamaSharpBackend Backend, string Name, IReadOnlyList<string> Libraries)
{
    /// <summary>Path of llama itself.</summary>
    public string Library => Libraries[^1];
}
