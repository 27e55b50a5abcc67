using Microsoft.Playwright;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>The machine's own Chromium, started once. Where there is none, tests that need it are skipped, and fail in the
/// gate, which installs it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // Else a closed network is asked for updates all the time.
    private static readonly string[] s_quiet = ["--disable-background-networking", "--disable-component-update"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Path =>
        Environment.GetEnvironmentVariable("SMOLLM3_CHROMIUM") ?? Array.Find(s_usual, File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Path is { } path)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = s_quiet });
        }
    }

    /// <summary>A window with a store of its own; its tabs share what a browser's tabs share.</summary>
    internal async Task<IBrowserContext> OpenAsync(RunningServer server, ColorScheme scheme = ColorScheme.Light)
    {
        const string lack = "There is no Chromium: install one, or name it in SMOLLM3_CHROMIUM.";
        Assert.SkipUnless(_browser is not null || Environment.GetEnvironmentVariable("SMOLLM3_GATE") == "1", lack);
        Assert.True(_browser is not null, lack);
        return await _browser.NewContextAsync(new()
        {
            BaseURL = server.Http.BaseAddress!.ToString(),
            ColorScheme = scheme,
            ViewportSize = new() { Width = 900, Height = 760 },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
