using Microsoft.Extensions.AI;
using Microsoft.Playwright;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;
using static Microsoft.Playwright.Assertions;
using static SmolLM3.Cli.Tests.Serving.Page.FakeAnswers;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>The page in a real browser.</summary>
public sealed class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Hostile = """
        <script>window.hacked = 1</script> <img src=x onerror="window.hacked = 2">
        [a link](javascript:window.hacked=3) [another](https://example.com/) **strong**

        | a | b |
        |---|---|
        | <b>1</b> | `2` |
        """;

    [Fact]
    public async Task A_chat_streams_folds_thoughts_and_fills_the_gauges()
    {
        SmolLM3Options surest = new SmolLM3Options { Temperature = 0 }.UseTinyModel();
        await using RunningServer server = await RunningServer.StartAsync(client: new SmolLM3ChatClient(surest));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SwitchAsync("Think", true);
        string answer = await tab.AskAsync("What is 3 + 4?");
        Assert.Contains("7", answer, StringComparison.Ordinal);
        ILocator thought = tab.Answers.First.Locator(".thought");
        await Expect(thought).ToBeHiddenAsync();
        await tab.Page.GetByText("Thoughts").ClickAsync();
        await Expect(thought).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#speed")).ToContainTextAsync("tokens/s");
        await Expect(tab.Page.Locator("#room")).ToContainTextAsync(" of ");
        await tab.SwitchAsync("Think", false);
        await tab.AskAsync("Hello!");
        await Expect(tab.Answers.Nth(1).Locator(".thought")).ToHaveCountAsync(0);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task Stop_ends_the_answer_at_the_server_too_and_the_chat_goes_on()
    {
        TaskCompletionSource ended = new();
        int requests = 0;
        FakeChatClient client = new((_, token) => requests++ == 0 ? EndlessAsync("and on ", token, ended) : Once("Here."));
        await using RunningServer server = await RunningServer.StartAsync(client: client);
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.Question.FillAsync("Go on for ever.");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(tab.Answers.First).ToContainTextAsync("and on");

        // Screen readers wait until it is whole.
        await Expect(tab.Answers.First).ToHaveAttributeAsync("aria-busy", "true");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Expect(tab.Answers.First).ToContainTextAsync("Stopped.");
        await Expect(tab.Answers.First).Not.ToHaveAttributeAsync("aria-busy", "true");
        await Expect(tab.Question).ToBeFocusedAsync();
        Assert.Contains("Here.", await tab.AskAsync("Are you there?"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_keeps_the_conversation_and_tabs_do_not_mix()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: Always("An answer."));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab first = await ChatTab.OpenAsync(window);
        ChatTab second = await ChatTab.OpenAsync(window);
        await first.AskAsync("One?");
        await second.AskAsync("Two?");
        await first.Page.ReloadAsync();
        await Expect(first.Log).ToContainTextAsync("One?");
        await Expect(first.Log).ToContainTextAsync("An answer.");
        await Expect(first.Log).Not.ToContainTextAsync("Two?");
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "New chat" }).ClickAsync();
        await Expect(first.Log).ToBeEmptyAsync();
        await first.Page.ReloadAsync();
        await Expect(first.Log).ToBeEmptyAsync();
        await Expect(second.Log).ToContainTextAsync("Two?");
    }

    [Fact]
    public async Task What_a_model_writes_becomes_no_markup()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: Always(Hostile));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        string answer = await tab.AskAsync("<img src=x onerror=\"window.hacked = 4\">");
        Assert.Contains("<script>window.hacked = 1</script>", answer, StringComparison.Ordinal);
        Assert.Contains("<b>1</b>", answer, StringComparison.Ordinal);
        await Expect(tab.Log.Locator("script, img, b")).ToHaveCountAsync(0);
        ILocator link = tab.Log.GetByRole(AriaRole.Link);
        await Expect(link).ToHaveCountAsync(1);
        await Expect(link).ToHaveAttributeAsync("href", "https://example.com/");
        await Expect(tab.Log.Locator("strong, td code")).ToHaveCountAsync(2);
        Assert.Null(await tab.Page.EvaluateAsync<int?>("() => window.hacked ?? null"));
        Assert.Empty(tab.Complaints);
        string policy = (await server.Http.GetAsync("/")).Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_are_run_in_the_page_and_their_calls_shown()
    {
        int requests = 0;
        FakeChatClient client = new((options, _) => requests++ > 0
            ? Once("It is 42.")
            : Once(new FunctionCallContent("1", options!.Tools!.Last().Name, new Dictionary<string, object?>
            {
                ["left"] = 3, ["operation"] = "*", ["right"] = 14,
            })));
        await using RunningServer server = await RunningServer.StartAsync(client: client);
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SwitchAsync("Tools", true);
        string answer = await tab.AskAsync("What is 3 times 14?");
        Assert.Contains("Calculate(", answer, StringComparison.Ordinal);
        Assert.Contains("It is 42.", answer, StringComparison.Ordinal);
        await tab.Page.GetByText("Result of Calculate").ClickAsync();
        await Expect(tab.Answers.Locator(".result pre")).ToHaveTextAsync("42");
        await tab.Page.ReloadAsync();
        await Expect(tab.Answers).ToContainTextAsync("Calculate(");
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: Always("An answer."));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await Expect(tab.Question).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync("Two");
        await tab.Page.Keyboard.PressAsync("Shift+Enter");
        await tab.Page.Keyboard.TypeAsync("lines");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Answers).ToContainTextAsync("An answer.");
        Assert.Contains("Two\nlines", await tab.Log.InnerTextAsync(), StringComparison.Ordinal);
        await Expect(tab.Question).ToBeFocusedAsync();
        ILocator think = tab.Page.GetByRole(AriaRole.Switch, new() { Name = "Think" });
        bool before = await think.IsCheckedAsync();

        // Option and these letters begin ñ and † on a Mac.
        await tab.Page.Keyboard.PressAsync("Alt+n");
        await tab.Page.Keyboard.PressAsync("Alt+t");
        Assert.Equal(before, await think.IsCheckedAsync());
        await Expect(tab.Answers).ToHaveCountAsync(1);
        await think.FocusAsync();
        foreach (string next in (string[])["tools", "theme", "new", "main", "question"])
        {
            await tab.Page.Keyboard.PressAsync("Tab");
            await Expect(tab.Page.Locator($"#{next}")).ToBeFocusedAsync();
        }
    }

    [Fact]
    public async Task It_is_light_or_dark_as_the_system_or_its_button_says()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using IBrowserContext window = await chromium.OpenAsync(server, scheme);
            ChatTab tab = await ChatTab.OpenAsync(window);
            await tab.AskAsync("What is 3 + 4?");
            await tab.AskAsync("Hello! Who are you?");
            if (Environment.GetEnvironmentVariable("SMOLLM3_SCREENSHOTS") is { } folder)
            {
                await tab.Page.ScreenshotAsync(new() { Path = $"{folder}/page-{scheme.ToString().ToLowerInvariant()}.png" });
            }

            Assert.Equal(scheme == ColorScheme.Dark, await IsDarkAsync(tab));
            await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Switch between dark and light" }).ClickAsync();
            Assert.Equal(scheme != ColorScheme.Dark, await IsDarkAsync(tab));
        }
    }

    private static Task<bool> IsDarkAsync(ChatTab tab) => tab.Page.EvaluateAsync<bool>(
        "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128");
}
