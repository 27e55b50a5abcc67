using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests;

/// <summary>Which adapters a request is computed with. "formal" is 0, "pirate" is 1 and comes first.</summary>
public sealed class SmolLM3ChatClientAdapterTests
{
    private static readonly AdapterSet _both = new(new AdapterUse(1, 2), new AdapterUse(0, 0.5f));

    [Fact]
    public async Task Without_a_choice_the_clients_defaults_apply_but_for_those_of_scale_zero()
    {
        ClientHarness harness = new("Hi");
        harness.Options.LoraAdapters["formal"] = new() { Path = "formal.gguf", Scale = 0.5f };
        harness.Options.LoraAdapters["pirate"] = new() { Path = "pirate.gguf", Scale = 0 };
        await harness.Ask("Hi");
        Assert.Equal(new AdapterSet(new AdapterUse(0, 0.5f)), harness.LastRequest.Adapters);
        await harness.Ask("Hi", Raw([]));
        Assert.Equal(AdapterSet.None, harness.LastRequest.Adapters);
        await harness.Ask("Hi", Raw(new() { ["pirate"] = 1 }));
        Assert.Equal(new AdapterSet(new AdapterUse(1, 1)), harness.LastRequest.Adapters);
    }

    [Fact]
    public async Task None_is_the_default_of_the_default()
    {
        ClientHarness harness = new("Hi");
        await harness.Ask("Hi");
        Assert.Same(AdapterSet.None, harness.LastRequest.Adapters);
    }

    [Fact]
    public async Task A_request_chooses_by_name_in_any_form()
    {
        ClientHarness harness = new("Hi");
        object[] forms =
        [
            new Dictionary<string, float> { ["formal"] = 0.5f, ["pirate"] = 2 },
            new Dictionary<string, double> { ["pirate"] = 2, ["formal"] = 0.5 },
            new Dictionary<string, object?> { ["pirate"] = 2L, ["formal"] = 0.5m },
            new Hashtable { ["pirate"] = 2, ["formal"] = 0.5f },
            JsonDocument.Parse("""{"formal": 0.5, "pirate": 2}""").RootElement,
        ];
        foreach (object form in forms)
        {
            await harness.Ask("Hi", Property(form));
            Assert.Equal(_both, harness.LastRequest.Adapters);
        }

        ChatOptions both = Property(forms[0]);
        both.RawRepresentationFactory = _ => new SmolLM3RequestOptions { LoraAdapters = new Dictionary<string, float>() };
        await harness.Ask("Hi", both);
        Assert.Equal(AdapterSet.None, harness.LastRequest.Adapters);
        await harness.Ask("Hi", Property(JsonDocument.Parse("null").RootElement));
        Assert.Equal(AdapterSet.None, harness.LastRequest.Adapters);
    }

    [Fact]
    public async Task Wrong_forms_and_scales_are_named()
    {
        ClientHarness harness = new("Hi");
        object[] wrong =
        [
            "pirate", 5, new Hashtable { [1] = 2 }, new Dictionary<string, object?> { ["pirate"] = "much" },
            JsonDocument.Parse("""["pirate"]""").RootElement,
        ];
        foreach (object form in wrong)
        {
            ArgumentException error =
                await Assert.ThrowsAsync<ArgumentException>(() => harness.Ask("Hi", Property(form)));
            Assert.Contains("lora_adapters", error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => harness.Ask("Hi", Raw(new() { ["pirate"] = float.NaN })));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_and_so_is_a_default_that_is_gone()
    {
        ClientHarness harness = new("Hi");
        UnknownAdapterException error = await Assert.ThrowsAsync<UnknownAdapterException>(
            () => harness.Ask("Hi", Raw(new() { ["Pirate"] = 1 })));
        Assert.Equal(["formal", "pirate"], error.LoadedAdapters);
        harness.Options.LoraAdapters["gone"] = new() { Path = "gone.gguf" };
        await Assert.ThrowsAsync<UnknownAdapterException>(() => harness.Ask("Hi"));
        await harness.Ask("Hi", Raw([]));
        Assert.Single(harness.Generator.Requests);
    }

    [Fact]
    public async Task A_request_holds_its_adapters_until_it_has_ended_or_is_left()
    {
        ClientHarness harness = new("Hi there");
        await harness.Client.LoadAsync();
        TaskCompletionSource gate = new();
        harness.Generator.Gate = gate.Task;
        ChatOptions options = Raw(new() { ["pirate"] = 1 });
        Task<ChatResponse> asking = harness.Ask("Hi", options);
        IAsyncEnumerator<ChatResponseUpdate> leaving =
            harness.Client.GetStreamingResponseAsync("Hi", options).GetAsyncEnumerator();
        ValueTask<bool> first = leaving.MoveNextAsync();
        Assert.False(IsFree(harness));
        gate.SetResult();
        await asking;
        await first;
        Assert.False(IsFree(harness));
        await leaving.DisposeAsync();
        Assert.True(IsFree(harness));
    }

    [Fact]
    public async Task Names_are_told_and_loading_needs_a_name_and_a_path()
    {
        ClientHarness harness = new("Hi");
        Assert.Equal(["formal", "pirate"], await harness.Client.GetAdaptersAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => harness.Client.LoadAdapterAsync(" ", "a.gguf"));
        await Assert.ThrowsAsync<ArgumentException>(() => harness.Client.LoadAdapterAsync("a", ""));
        await Assert.ThrowsAsync<NotSupportedException>(() => harness.Client.LoadAdapterAsync("a", "a.gguf"));
        await Assert.ThrowsAsync<UnknownAdapterException>(() => harness.Client.UnloadAdapterAsync("a"));
        await harness.Client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => harness.Client.GetAdaptersAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => harness.Client.LoadAdapterAsync("a", "a.gguf"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => harness.Client.UnloadAdapterAsync("formal"));
    }

    private static bool IsFree(ClientHarness harness) => harness.Adapters.CountLeases("pirate") == 0;

    private static ChatOptions Raw(Dictionary<string, float> adapters) => new()
    {
        RawRepresentationFactory = _ => new SmolLM3RequestOptions { LoraAdapters = adapters },
    };

    private static ChatOptions Property(object value) =>
        new() { AdditionalProperties = new() { ["lora_adapters"] = value } };
}
