using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace SmolLM3.Extensions.Models;

/// <summary>A model on the hub, as somebody names it: <c>owner/repo</c>, <c>owner/repo:Q8_0</c> or
/// <c>owner/repo/file.gguf</c>.</summary>
/// <param name="Name">As it was written.</param>
/// <param name="Repository">Where its GGUF files lie.</param>
/// <param name="Quantization">Which of them is meant; null: the default one.</param>
/// <param name="File">The very file that is meant, with its folders; null: the quantization says.</param>
internal sealed partial record ModelReference(string Name, string Repository, string? Quantization, string? File)
{
    private const string TokenizerFile = "tokenizer.json";

    /// <summary>The model's tokenizer alone.</summary>
    public ModelReference Tokenizer => this with
    {
        Repository = ModelCatalogue.TokenizerOf(Repository), Quantization = null, File = TokenizerFile,
    };

    /// <summary>Reads a name.</summary>
    /// <returns>False where it can only be a path.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out ModelReference? reference)
    {
        reference = null;
        Match match = Form().Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        string repository = match.Groups["repository"].Value;
        string? file = match.Groups["file"] is { Success: true } path ? path.Value : null;
        string? quantization = match.Groups["quantization"] is { Success: true } tag ? tag.Value : null;

        // Two steps that end as a file does are a file in a folder; folders stand in for "--" in the cache.
        if (repository.Contains("--", StringComparison.Ordinal)
            || (file is null && quantization is null && GgufNames.IsGguf(repository))
            || (file is not null && !(GgufNames.IsGguf(file) && HubNames.IsSafeFile(file))))
        {
            return false;
        }

        reference = new(text, ModelCatalogue.RepositoryOf(repository), quantization, file);
        return true;
    }

    /// <summary>Whether somebody means a model on the hub by this, and not a file here: a file that is there wins, and so
    /// does its folder, for then the file is missing.</summary>
    public static bool IsMeant(string model, [NotNullWhen(true)] out ModelReference? reference) =>
        TryParse(model, out reference)
        && !System.IO.File.Exists(model)
        && !(reference.File is not null && Directory.Exists(Path.GetDirectoryName(model)));

    /// <summary>The one of these files that is meant, or null.</summary>
    /// <param name="files">Names of files in the repository.</param>
    /// <param name="isAll">Whether these are all there are: then the only one will do where nobody said which.</param>
    public string? Choose(IEnumerable<string> files, bool isAll)
    {
        if (File is not null)
        {
            return files.FirstOrDefault(name => name == File);
        }

        string[] models = [.. files.Where(GgufNames.IsModel)];
        string? found = models.Where(name => GgufNames.HasQuantization(name, Wanted))
            .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).FirstOrDefault();
        return found ?? (isAll && Quantization is null && models.Length == 1 ? models[0] : null);
    }

    /// <summary>What is looked for, for messages.</summary>
    public string Wanted => File ?? Quantization ?? ModelCatalogue.DefaultQuantization;

    [GeneratedRegex(
        @"^(?<repository>[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*)"
        + @"(?:/(?<file>[^:\\]+)|:(?<quantization>[A-Za-z0-9_.-]+))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
