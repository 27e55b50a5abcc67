using System.Text.RegularExpressions;

namespace SmolLM3.TinyModelTests;

/// <summary>What the README shows is what is compiled and run here.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_example_answers_from_what_the_function_said()
    {
        TextWriter before = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            await ReadmeExample.RunAsync();
        }
        finally
        {
            Console.SetOut(before);
        }

        Assert.Contains("24", written.ToString(), StringComparison.Ordinal);
        Assert.Contains("Lisbon", written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_readme_shows_that_example_to_the_letter()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ReadmeExample.cs"));

        string shown = Shown().Match(readme).Groups["code"].Value;
        string compiled = Compiled().Match(source).Groups["code"].Value.Replace("\n        ", "\n", StringComparison.Ordinal);

        Assert.NotEqual("", shown);
        Assert.Equal(compiled.Trim(), shown.Trim());
    }

    [GeneratedRegex("<!-- snippet: ReadmeExample -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"// begin\n(?<code>.*?)\n *// end", RegexOptions.Singleline)]
    private static partial Regex Compiled();
}
