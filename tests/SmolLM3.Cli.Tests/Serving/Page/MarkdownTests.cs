using Microsoft.Playwright;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>The page's Markdown.</summary>
public sealed class MarkdownTests(Chromium chromium) : IClassFixture<Chromium>
{
    // So long that what grows faster than the text would not end while a test runs.
    private const int Length = 200_000;

    private const string Render = """
        async text => {
          const { render } = await import('/markdown.js');
          const box = document.createElement('div');
          box.append(render(text));
          return [box.innerHTML, box.textContent];
        }
        """;

    private static readonly string s_spaces = new(' ', Length);

    /// <summary>Text that a careless parser would read again and again.</summary>
    public static TheoryData<string, string> Hostile => new()
    {
        { "heading", $"# a{s_spaces}b" },
        { "heading's end", $"# a{s_spaces}\u2028b" },
        { "heading's signs", "#" + Repeat(" #") + "x" },
        { "runs of backticks", string.Join('a', Enumerable.Range(1, 600).Select(i => new string('`', i))) },
        { "one run of backticks", Repeat("`") + "x" },
        { "fence's info", $"```{s_spaces}a`" },
        { "fence", Repeat("~") + "`" },
        { "fences", Repeat("```\n```\n") },
        { "divider", $"a|b\n-{s_spaces}x" },
        { "divider's begin", $"a|b\n{s_spaces}-x" },
        { "cells", "|a\n|-\n" + Repeat("|") },
        { "line break", $"a{s_spaces}b" },
        { "strong", Repeat("**a ") },
        { "both", Repeat("***a ") },
        { "struck", Repeat("~~a ") },
        { "emphasis", Repeat("*a ") },
        { "underlined", Repeat("_a ") },
        { "stars", Repeat("*") },
        { "links", Repeat("[a](") },
        { "labels", Repeat("[") },
        { "address", "http://" + Repeat(".") },
        { "items", Repeat("- ") },
        { "quotes", Repeat("> ") },
        { "rule", "-" + Repeat(" -") + "x" },
        { "empty lines", "- a\n" + Repeat(" \n") },
    };

    [Theory]
    [InlineData("# a #", "<h3>a</h3>")]
    [InlineData("## C#", "<h4>C#</h4>")]
    [InlineData("***a***", "<p><strong><em>a</em></strong></p>")]
    [InlineData("**a *b* c** ~~d~~ _e_ f_g_h", "<p><strong>a <em>b</em> c</strong> <s>d</s> <em>e</em> f_g_h</p>")]
    [InlineData("**a **b**", "<p>**a <strong>b</strong></p>")]
    [InlineData("2 * 3 ** 4", "<p>2 * 3 ** 4</p>")]
    [InlineData("`**a**` and `` b`c``", "<p><code>**a**</code> and <code> b`c</code></p>")]
    [InlineData("a  \nb", "<p>a<br>b</p>")]
    [InlineData("- a\n  1. b\n- c", "<ul><li>a<ol start=\"1\"><li>b</li></ol></li><li>c</li></ul>")]
    [InlineData("```js\na < b\n```\nc", "<pre><code title=\"js\">a &lt; b</code></pre><p>c</p>")]
    [InlineData("~~~ `a`\nb", "<pre><code title=\"`a`\">b</code></pre>")]
    [InlineData("a|b\n:-|-:\nc|d", "<div><table><thead><tr><th>a</th><th>b</th></tr></thead>"
        + "<tbody><tr><td>c</td><td>d</td></tr></tbody></table></div>")]
    [InlineData("a | b\n- c", "<p>a | b</p><ul><li>c</li></ul>")]
    public async Task It_is_read(string text, string html) => Assert.Equal(html, (await RenderAsync(text))[0]);

    [Theory]
    [MemberData(nameof(Hostile), DisableDiscoveryEnumeration = true)]
    public async Task Work_grows_with_the_text_and_no_faster(string what, string text) =>
        Assert.True((await RenderAsync(text + "\n\nThe end."))[1].TrimEnd().EndsWith("The end.", StringComparison.Ordinal), what);

    private static string Repeat(string part) => string.Concat(Enumerable.Repeat(part, Length / part.Length));

    private async Task<string[]> RenderAsync(string text)
    {
        await using RunningServer server = await RunningServer.StartAsync(client: FakeAnswers.Always(""));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        return await tab.Page.EvaluateAsync<string[]>(Render, text).WaitAsync(TimeSpan.FromMinutes(1));
    }
}
