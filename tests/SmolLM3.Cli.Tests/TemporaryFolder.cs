namespace SmolLM3.Cli.Tests;

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("smollm3-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>The tiny model as a file.</summary>
    public string TinyModel()
    {
        SmolLM3.TinyModel.TinyModel.CopyTo(this["tiny.gguf"]);
        return this["tiny.gguf"];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
