using SmolLM3.Extensions.Tests.Models;

namespace SmolLM3.Cli.Tests;

/// <summary>A hub on this machine that has the tiny model as <c>owner/repo</c>.</summary>
internal static class TinyHub
{
    public static async Task<FakeHub> StartAsync()
    {
        FakeHub hub = await FakeHub.StartAsync();
        using Stream tiny = SmolLM3.TinyModel.TinyModel.OpenRead();
        using MemoryStream bytes = new();
        await tiny.CopyToAsync(bytes);
        hub.Files["tiny-Q4_K_M.gguf"] = bytes.ToArray();
        hub.Files["tiny-Q8_0.gguf"] = [.. bytes.ToArray(), 0];
        return hub;
    }

    /// <summary>What sends a process there.</summary>
    public static Dictionary<string, string> Variables(this FakeHub hub) => new()
    {
        ["HF_ENDPOINT"] = hub.Address,
        ["HF_HUB_CACHE"] = hub.Settings.Cache,
        ["HF_HOME"] = hub.Settings.Cache,
        ["HF_HUB_OFFLINE"] = "",
        ["HF_TOKEN"] = "",
    };
}
