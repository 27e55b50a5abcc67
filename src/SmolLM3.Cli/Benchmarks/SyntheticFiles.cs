using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Random-weight files of SmolLM3's true sizes, kept in the user's cache folder.</summary>
internal static class SyntheticFiles
{
    private static readonly Dictionary<string, GgufTensorType?> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["q4_k_m"] = null, // the mix of types SyntheticModelOptions starts from
        ["q8_0"] = GgufTensorType.Q8_0,
        ["f16"] = GgufTensorType.F16,
    };

    /// <summary>A file, written now if it was not there and may be.</summary>
    /// <exception cref="ArgumentException">The format is not known.</exception>
    /// <exception cref="FileNotFoundException">It is not there and may not be written.</exception>
    public static ModelSource Get(string format, bool mayWrite)
    {
        if (!s_formats.TryGetValue(format, out GgufTensorType? type))
        {
            throw new ArgumentException(
                $"There is no synthetic format '{format}'; known are {string.Join(", ", s_formats.Keys)}.");
        }

        string folder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "smollm3", "synthetic");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{format.ToLowerInvariant()}.gguf");
        if (!File.Exists(path))
        {
            if (!mayWrite)
            {
                throw new FileNotFoundException($"There is no {path} yet: bench without --first-token writes it.");
            }

            Console.Error.WriteLine($"Writing {path} once …");

            // Written beside and renamed when whole, so that a cut leaves no half file to be measured.
            string partial = $"{path}.{Environment.ProcessId}.part";
            SyntheticModel.Write(partial, new SyntheticModelOptions { TensorType = type });
            File.Move(partial, path, overwrite: true);
        }

        return ModelSource.FromFile(path);
    }
}
