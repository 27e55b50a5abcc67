using SmolLM3.Extensions;

namespace SmolLM3.TinyModel;

/// <summary>Serves the tiny model.</summary>
public static class TinyModelOptionsExtensions
{
    /// <summary>Serves the small model of this package in place of a file: for tests and first steps without a
    /// download, not for answers (<see cref="TinyModel"/> says what it can).</summary>
    /// <param name="options">The options.</param>
    /// <returns>The same options.</returns>
    public static SmolLM3Options UseTinyModel(this SmolLM3Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.UseModel(TinyModel.ModelId, TinyModel.OpenRead);
    }
}
