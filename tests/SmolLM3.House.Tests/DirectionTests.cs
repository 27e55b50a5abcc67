using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SmolLM3.House.Tests;

/// <summary>Who may use whom: packages first, then the layers inside them. docs/architecture.md says why.</summary>
public sealed partial class DirectionTests
{
    /// <summary>Every project under src/ and the projects it may reference. A new package is a decision made here.</summary>
    private static readonly Dictionary<string, string[]> s_mayReference = new()
    {
        ["SmolLM3.Inference"] = [],
        ["SmolLM3.Extensions"] = ["SmolLM3.Inference"],
        ["SmolLM3.Extensions.LLamaSharp"] = ["SmolLM3.Extensions"],
        ["SmolLM3.Extensions.SemanticKernel"] = ["SmolLM3.Extensions"],
        ["SmolLM3.Extensions.Tokenizers"] = ["SmolLM3.Extensions"],
        ["SmolLM3.Extensions.Remote"] = ["SmolLM3.Extensions"],
        ["SmolLM3.TinyModel"] = ["SmolLM3.Extensions"],
        ["SmolLM3.Cli"] = ["SmolLM3.TinyModel", "SmolLM3.Extensions", "SmolLM3.Inference"],
    };

    /// <summary>Folders, and the namespaces that must not be heard of in them.</summary>
    public static TheoryData<string, string> Forbidden => new()
    {
        // Token ids only: nothing of chats.
        { "src/SmolLM3.Inference", @"Microsoft\.Extensions\.AI" },
        { "src/SmolLM3.Inference", @"SmolLM3\.Extensions" },

        // The contract knows no implementation, only files; reading files knows no computing.
        { "src/SmolLM3.Inference/Engine", @"SmolLM3\.Inference\.(Managed|Tokenization)" },
        { "src/SmolLM3.Inference/Gguf", @"SmolLM3\.Inference\.(Managed|Engine|Tokenization|Synthetic)" },
        { "src/SmolLM3.Inference/Tokenization", @"SmolLM3\.Inference\.(Managed|Engine|Synthetic)" },
        { "src/SmolLM3.Inference/Managed", @"SmolLM3\.Inference\.(Tokenization|Synthetic)" },

        // Below the text line nothing knows roles, tools or JSON.
        { "src/SmolLM3.Extensions/Generation", @"Microsoft\.Extensions\.AI|System\.Text\.Json|SmolLM3\.Extensions\.Chat" },
        { "src/SmolLM3.Extensions/Sampling", @"Microsoft\.Extensions\.AI|System\.Text\.Json|SmolLM3\.Extensions\.Chat" },

        // Above the token line nothing knows tensors or threads.
        { "src/SmolLM3.Extensions/Chat", @"SmolLM3\.Inference\.Managed|System\.Threading\.Thread\b" },
    };

    [Fact]
    public void Packages_reference_only_what_the_house_allows()
    {
        foreach (string project in Directory.EnumerateFiles(
            Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            Assert.True(s_mayReference.TryGetValue(name, out string[]? allowed), $"{name} has no place in the house yet.");
            IEnumerable<string> references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.All(references, reference => Assert.Contains(reference, allowed));
        }
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Layers_do_not_reach_across(string folder, string forbidden)
    {
        Regex pattern = new($@"^\s*(global )?using (static )?({forbidden})", RegexOptions.Multiline);

        string[] offenders = [.. Repository.Sources(folder)
            .Where(file => pattern.IsMatch(File.ReadAllText(file))).Select(Repository.Relative)];

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_source_file_has_a_file_scoped_namespace_or_is_a_program()
    {
        string[] offenders = [.. Repository.Sources("src").Concat(Repository.Sources("tests"))
            .Where(file => Path.GetFileName(file) is not ("Program.cs" or "GlobalUsings.cs" or "AssemblyInfo.cs"))
            .Where(file => !FileScopedNamespace().IsMatch(File.ReadAllText(file))).Select(Repository.Relative)];

        Assert.Empty(offenders);
    }

    [Fact]
    public void The_top_level_holds_only_what_belongs_there()
    {
        string[] allowed =
        [
            "src", "tests", "samples", "docs", "SmolLM3.Extensions.sln", "Directory.Packages.props", "README.md",
            "LICENSE", "NOTICE", "CHANGELOG.md", "global.json",
        ];

        IEnumerable<string> tracked = Directory.EnumerateFileSystemEntries(Repository.Root)
            .Select(entry => Path.GetFileName(entry)!)
            .Where(name => !name.StartsWith('.') && name is not ("artifacts" or "TestResults"));

        Assert.All(tracked, name => Assert.Contains(name, allowed));
    }

    [GeneratedRegex(@"^namespace [\w.]+;", RegexOptions.Multiline)]
    private static partial Regex FileScopedNamespace();
}
