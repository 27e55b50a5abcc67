using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using SmolLM3.Cli.Serving;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;
using static Microsoft.Playwright.Assertions;
using static SmolLM3.Cli.Tests.Serving.Page.FakeAnswers;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>Questions that the server does not answer, or that nobody waits for.</summary>
public sealed class RefusedTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task A_new_chat_during_an_answer_takes_nothing_of_it_along()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: First(token => EndlessAsync("and on ", token)));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SendAsync("Go on for ever.");
        await Expect(tab.Answers).ToContainTextAsync("and on");
        await tab.PressAsync("New chat");
        await Expect(tab.Log).ToBeEmptyAsync();
        string sent = await tab.SendAsync("Something else?");
        Assert.Contains("Something else?", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("and on", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("for ever", sent, StringComparison.Ordinal);
        await Expect(tab.Answers).ToContainTextAsync("Here.");
        await tab.Page.ReloadAsync();
        await Expect(tab.Log).ToContainTextAsync("Here.");
        await Expect(tab.Log).Not.ToContainTextAsync("and on");
    }

    [Fact]
    public async Task A_question_that_is_too_long_is_put_back_and_the_chat_goes_on()
    {
        await using RunningServer server =
            await RunningServer.StartAsync(client: First(_ => throw new PromptTooLongException(9, 8)));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SendAsync("Too long.");
        await Expect(tab.Status).ToContainTextAsync("The prompt has 9 tokens");
        await Expect(tab.Question).ToHaveValueAsync("Too long.");
        await Expect(tab.Log).ToBeEmptyAsync();
        Assert.DoesNotContain("Too long.", await tab.SendAsync("Short."), StringComparison.Ordinal);
        await Expect(tab.Answers).ToContainTextAsync("Here.");
        await Expect(tab.Status).ToBeEmptyAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_question_stopped_or_left_before_the_first_token_is_put_back(bool isStopped)
    {
        await using RunningServer server = await RunningServer.StartAsync(client: First(token => EndlessAsync("", token)));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SendAsync("Are you there?");
        await (isStopped ? tab.Page.Keyboard.PressAsync("Escape") : tab.Page.ReloadAsync());
        await Expect(tab.Question).ToHaveValueAsync("Are you there?");
        await Expect(tab.Log).ToBeEmptyAsync();
        string sent = await tab.SendAsync("And now?");
        Assert.DoesNotContain("Are you there?", sent, StringComparison.Ordinal);
        await Expect(tab.Answers).ToContainTextAsync("Here.");
    }

    [Fact]
    public async Task A_page_opened_while_the_model_is_loaded_learns_of_it_later()
    {
        SmolLM3Options surest = new SmolLM3Options { Temperature = 0 }.UseTinyModel();
        await using RunningServer server =
            await RunningServer.StartAsync(client: new SmolLM3ChatClient(surest), loads: false);
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.SendAsync("What is 3 + 4?");
        await Expect(tab.Status).ToContainTextAsync("is being loaded");
        await Expect(tab.Page.Locator("#context")).ToBeHiddenAsync();
        await server.App.Services.GetRequiredService<ServedModel>().LoadAsync(CancellationToken.None);
        await Expect(tab.Question).ToHaveValueAsync("What is 3 + 4?");
        Assert.Contains("7", await tab.AskAsync("What is 3 + 4?"), StringComparison.Ordinal);
        await Expect(tab.Page.Locator("#context")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#room")).ToContainTextAsync(" of ");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{ "data": [{ "id": "another-one" }] }""")]
    public async Task A_server_away_or_with_another_model_at_first_answers_later(string? before)
    {
        await using RunningServer server = await RunningServer.StartAsync(client: Always("Here."));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        await window.RouteAsync("**/v1/models", route =>
            before is null ? route.AbortAsync() : route.FulfillAsync(new() { Body = before }));
        ChatTab tab = await ChatTab.OpenAsync(window);
        await Expect(tab.Page.Locator(before is null ? "#status" : "#model")).ToHaveTextAsync(
            before is null ? "The server cannot be reached." : "another-one");
        await window.UnrouteAllAsync();
        Assert.Contains("Here.", await tab.AskAsync("Hello!"), StringComparison.Ordinal);
        await Expect(tab.Page.Locator("#model")).ToHaveTextAsync("smollm3");
    }

    [Fact]
    public async Task A_key_is_asked_for_until_it_is_right_and_the_question_sent_again()
    {
        await using RunningServer server =
            await RunningServer.StartAsync(new ServerSettings { ApiKeys = ["a-key"] }, Always("Here."));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        ChatTab tab = await ChatTab.OpenAsync(window);
        ILocator dialog = tab.Page.GetByRole(AriaRole.Dialog);
        ILocator key = tab.Page.GetByLabel("API key");
        await Expect(key).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
        await tab.Question.FillAsync("Hello!");
        await tab.PressAsync("Send");
        await Expect(dialog).ToBeVisibleAsync();
        await tab.PressAsync("Cancel");
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(tab.Question).ToHaveValueAsync("Hello!");
        await tab.PressAsync("Send");
        await key.FillAsync("ключ");
        await tab.PressAsync("Use it");
        Assert.True(await key.EvaluateAsync<bool>("field => field.validity.patternMismatch"));
        await Expect(dialog).ToBeVisibleAsync();
        await key.FillAsync("another-key");
        await tab.PressAsync("Use it");
        await Expect(dialog).ToContainTextAsync("refused");
        await key.FillAsync(" a-key ");
        await tab.PressAsync("Use it");
        await Expect(tab.Answers).ToContainTextAsync("Here.");
        await Expect(tab.Log.Locator("article")).ToHaveCountAsync(2);
        await Expect(tab.Question).ToHaveValueAsync("");
    }

    [Theory]
    [InlineData("sessionStorage.setItem('smollm3.messages', '{'); sessionStorage.setItem('smollm3.tokens', 'x')")]
    [InlineData("sessionStorage.setItem('smollm3.messages', '[null]')")]
    [InlineData("for (const store of ['localStorage', 'sessionStorage']) "
        + "Object.defineProperty(window, store, { get() { throw new DOMException('', 'SecurityError'); } })")]
    public async Task Damaged_or_blocked_storage_is_an_empty_one(string damage)
    {
        await using RunningServer server =
            await RunningServer.StartAsync(new ServerSettings { ApiKeys = ["a-key"] }, Always("Here."));
        await using IBrowserContext window = await chromium.OpenAsync(server);
        await window.AddInitScriptAsync(damage);
        ChatTab tab = await ChatTab.OpenAsync(window);
        await tab.Page.GetByLabel("API key").FillAsync("a-key");
        await tab.PressAsync("Use it");
        Assert.Contains("Here.", await tab.AskAsync("Hello!"), StringComparison.Ordinal);
        Assert.Contains("Here.", await tab.AskAsync("Hello again!"), StringComparison.Ordinal);
    }
}
