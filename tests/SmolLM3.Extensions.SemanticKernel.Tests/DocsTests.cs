using System.Text.RegularExpressions;
using Microsoft.SemanticKernel;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>What docs/semantic-kernel.md shows is what is compiled and run here.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public async Task The_examples_run()
    {
        string answer = await DocsExamples.PluginsAsync();
        Assert.Matches(@"24.* \(stop, \d+\)", answer);
        using SmolLM3ChatClient client = new(new SmolLM3Options().UseTinyModel());
        string greeting = await DocsExamples.TemplateAsync(
            Kernel.CreateBuilder().AddSmolLM3ChatCompletion(client, "local").Build());
        Assert.NotEqual("", greeting);
        Assert.NotEqual("", await DocsExamples.CompletionAsync());
    }

    [Fact]
    public void The_page_shows_them_to_the_letter()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "semantic-kernel.md"));
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "DocsExamples.cs"));
        Dictionary<string, string> shown = Find(Shown(), page);
        Dictionary<string, string> compiled = Find(Compiled(), source.Replace("\n        ", "\n", StringComparison.Ordinal));
        Assert.Equal(3, compiled.Count);
        Assert.Equal(compiled, shown);
    }

    private static Dictionary<string, string> Find(Regex pattern, string text) =>
        pattern.Matches(text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["code"].Value.Trim());

    [GeneratedRegex("<!-- snippet: (?<name>\\w+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"// begin (?<name>\w+)\n(?<code>.*?)\n *// end", RegexOptions.Singleline)]
    private static partial Regex Compiled();
}
