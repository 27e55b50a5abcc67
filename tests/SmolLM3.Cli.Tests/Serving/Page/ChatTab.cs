using Microsoft.Playwright;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>The page in a tab, as somebody uses it who sees roles and names only.</summary>
internal sealed class ChatTab
{
    private readonly List<string> _complaints = [];

    private ChatTab(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public ILocator Question => Page.GetByRole(AriaRole.Textbox, new() { Name = "Your question" });

    public ILocator Status => Page.GetByRole(AriaRole.Status);

    public ILocator Log => Page.GetByRole(AriaRole.Log);

    public ILocator Answers => Log.Locator("article.assistant");

    /// <summary>What the browser's console complained of, a refused script for example.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<ChatTab> OpenAsync(IBrowserContext window)
    {
        ChatTab tab = new(await window.NewPageAsync());
        await tab.Page.GotoAsync("/");
        return tab;
    }

    /// <summary>Asks, and waits for the whole answer.</summary>
    public async Task<string> AskAsync(string question)
    {
        int before = await Answers.CountAsync();
        await Question.FillAsync(question);
        await Question.PressAsync("Enter");
        ILocator answer = Answers.Nth(before);
        await Assertions.Expect(answer).Not.ToHaveAttributeAsync("aria-busy", "true", new() { Timeout = 60_000 });
        return await answer.InnerTextAsync();
    }

    /// <summary>Asks, and returns what is sent to the server.</summary>
    public async Task<string> SendAsync(string question)
    {
        await Question.FillAsync(question);
        IRequest request = await Page.RunAndWaitForRequestAsync(
            () => Question.PressAsync("Enter"), request => request.Url.EndsWith("/chat/completions", StringComparison.Ordinal));
        return request.PostData!;
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public Task SwitchAsync(string name, bool isOn) =>
        Page.GetByRole(AriaRole.Switch, new() { Name = name }).SetCheckedAsync(isOn);
}
