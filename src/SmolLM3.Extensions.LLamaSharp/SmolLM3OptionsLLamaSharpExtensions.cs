using SmolLM3.Extensions.LLamaSharp;

namespace SmolLM3.Extensions;

/// <summary>Runs SmolLM3 on llama.cpp.</summary>
public static class SmolLM3OptionsLLamaSharpExtensions
{
    /// <summary>Computes on llama.cpp by way of LLamaSharp, on a GPU where there is one, in place of the pure C#
    /// engine.</summary>
    /// <param name="options">The client's options.</param>
    /// <param name="configure">How llama.cpp runs; null: all layers on the first backend that is there.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static SmolLM3Options UseLLamaSharp(
        this SmolLM3Options options, Action<LLamaSharpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        LLamaSharpOptions llama = new();
        configure?.Invoke(llama);
        llama.Check();
        return options.UseEngine(new LLamaSharpEngineFactory(llama with { TensorSplit = llama.TensorSplit?.ToArray() }));
    }
}
