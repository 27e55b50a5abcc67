using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.LLamaSharp.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>llama.cpp in tests: on the CPU, from the package or the folder that SMOLLM3_LLAMA_DIRECTORY names. Where
/// there is none, tests that need it are skipped.</summary>
internal static class Llama
{
    private static readonly Lazy<(NativeCandidate? Library, string Reason)> s_library = new(Load);

    public static LLamaSharpOptions Options { get; } = new()
    {
        Backend = LLamaSharpBackend.Cpu,
        LibraryDirectory = Environment.GetEnvironmentVariable("SMOLLM3_LLAMA_DIRECTORY"),
    };

    /// <summary>The library, or the test is skipped.</summary>
    public static NativeCandidate Library
    {
        get
        {
            Assert.SkipWhen(s_library.Value.Library is null, s_library.Value.Reason);
            return s_library.Value.Library!;
        }
    }

    public static LLamaSharpEngine Create(GgufFile file, EngineOptions options) =>
        new(file, options, Options, Library, NullLogger.Instance);

    private static (NativeCandidate? Library, string Reason) Load()
    {
        try
        {
            return (NativeLibraries.Load(Options, NullLogger.Instance), "");
        }
        catch (LLamaSharpUnavailableException error)
        {
            return (null, error.Message);
        }
    }
}
