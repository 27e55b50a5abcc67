using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;
using Tiny = SmolLM3.TinyModel.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>LoRA adapters from file to answer.</summary>
public sealed class AdapterTests : IDisposable
{
    private const string Question = "What is the weather in Lisbon?";
    private static int s_models;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly string _first;
    private readonly string _second;

    public AdapterTests()
    {
        using GgufFile model = GgufFile.Load(Tiny.OpenRead());
        (_first, _second) = (Path.Combine(_folder, "first.gguf"), Path.Combine(_folder, "second.gguf"));
        SyntheticAdapter.Write(_first, model, new() { Rank = 4, Seed = 1 });
        SyntheticAdapter.Write(_second, model, new() { Rank = 8, Seed = 2, TensorType = GgufTensorType.F16 });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Adapters_change_answers_for_those_who_choose_them_and_for_nobody_else()
    {
        string[] alone = new string[4];
        for (int i = 0; i < alone.Length; i++)
        {
            await using SmolLM3ChatClient quiet = await LoadedAsync();
            alone[i] = await AskAsync(quiet, Choice(i));
        }

        Assert.Equal(4, alone.Distinct().Count());
        await using (SmolLM3ChatClient plain = Client())
        {
            Assert.Equal(alone[0], await AskAsync(plain, null));
        }

        await using SmolLM3ChatClient client = await LoadedAsync();
        for (int round = 0; round < 2; round++)
        {
            string[] together = await Task.WhenAll(
                Enumerable.Range(0, 12).Select(i => Task.Run(() => AskAsync(client, Choice(i % 4)))));
            Assert.Equal(Enumerable.Range(0, 12).Select(i => alone[i % 4]), together);
        }
    }

    [Fact]
    public async Task Those_of_the_options_are_loaded_with_the_model_and_apply_to_all()
    {
        string expected;
        await using (SmolLM3ChatClient client = await LoadedAsync())
        {
            expected = await AskAsync(client, Choice(1));
        }

        SmolLM3Options options = Model(Name());
        options.LoraAdapters["first"] = new() { Path = _first };
        options.LoraAdapters["second"] = new() { Path = _second, Scale = 0 };
        await using SmolLM3ChatClient configured = new(options);
        options.LoraAdapters.Clear();
        Assert.Equal(["first", "second"], await configured.GetAdaptersAsync());
        Assert.Equal(expected, await AskAsync(configured, null));
        Assert.NotEqual(expected, await AskAsync(configured, []));
    }

    [Fact]
    public async Task Clients_of_the_same_files_share_a_model_and_its_adapters()
    {
        string name = Name();
        SmolLM3Options same = Model(name), scaled = Model(name), other = Model(name);
        same.LoraAdapters["first"] = new() { Path = _first };
        scaled.LoraAdapters["first"] = new() { Path = _first, Scale = 0.5f };
        other.LoraAdapters["first"] = new() { Path = _second };
        await using SmolLM3ChatClient one = new(same), two = new(scaled), three = new(other);
        await one.LoadAdapterAsync("late", _second);
        Assert.Equal(["first", "late"], await two.GetAdaptersAsync());
        Assert.Equal(["first"], await three.GetAdaptersAsync());
        Assert.NotEqual(await AskAsync(one, null), await AskAsync(two, null));
    }

    [Fact]
    public async Task An_adapter_is_unloaded_when_its_last_request_has_ended()
    {
        await using SmolLM3ChatClient client = await LoadedAsync();
        await using IAsyncEnumerator<ChatResponseUpdate> stream =
            client.GetStreamingResponseAsync(Question, Options(Choice(1))).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        Task unloading = client.UnloadAdapterAsync("first");
        Assert.Equal(["second"], await client.GetAdaptersAsync());
        await Assert.ThrowsAsync<UnknownAdapterException>(() => AskAsync(client, Choice(1)));
        Assert.False(unloading.IsCompleted);
        while (await stream.MoveNextAsync())
        {
        }

        await stream.DisposeAsync();
        await unloading;
        await client.LoadAdapterAsync("first", _first);
        await AskAsync(client, Choice(1));
    }

    [Fact]
    public async Task What_cannot_be_loaded_says_why()
    {
        await using SmolLM3ChatClient client = Client();
        await Assert.ThrowsAsync<AdapterNotFoundException>(
            () => client.LoadAdapterAsync("a", Path.Combine(_folder, "missing.gguf")));
        string model = Path.Combine(_folder, "model.gguf");
        await using (FileStream file = File.Create(model))
        {
            await Tiny.OpenRead().CopyToAsync(file);
        }

        GgufFormatException error =
            await Assert.ThrowsAsync<GgufFormatException>(() => client.LoadAdapterAsync("a", model));
        Assert.Contains("no adapter", error.Message, StringComparison.Ordinal);
        Assert.Empty(await client.GetAdaptersAsync());

        SmolLM3Options options = Model(Name());
        options.LoraAdapters["a"] = new() { Path = Path.Combine(_folder, "missing.gguf") };
        await using SmolLM3ChatClient missing = new(options);
        await Assert.ThrowsAsync<AdapterNotFoundException>(() => missing.LoadAsync());
    }

    [Fact]
    public async Task A_conversation_with_adapters_goes_on_after_a_restart_under_other_names()
    {
        MemoryStream snapshot = new();
        List<ChatMessage> messages = [new(ChatRole.User, Question)];
        SmolLM3PrefixSnapshot saved;
        await using (SmolLM3ChatClient client = await LoadedAsync())
        {
            saved = await client.SavePrefixAsync(messages, Options(Choice(3)), snapshot);
        }

        ChatResponse computed;
        await using (SmolLM3ChatClient fresh = await LoadedAsync())
        {
            computed = await fresh.GetResponseAsync(messages, Options(Choice(3)));
        }

        await using SmolLM3ChatClient restarted = Client();
        snapshot.Position = 0;
        PrefixSnapshotException error =
            await Assert.ThrowsAsync<PrefixSnapshotException>(() => restarted.RestorePrefixAsync(snapshot));
        Assert.Equal(PrefixSnapshotProblem.OtherModel, error.Problem);

        await restarted.LoadAdapterAsync("one", _second);
        await restarted.LoadAdapterAsync("two", _first);
        snapshot.Position = 0;
        await restarted.RestorePrefixAsync(snapshot);
        ChatResponse restored = await restarted.GetResponseAsync(
            messages, Options(new() { ["one"] = 0.5f, ["two"] = 1 }));
        Assert.Equal(saved.TokenCount, restored.Usage!.CachedInputTokenCount);
        Assert.Equal(computed.Text, restored.Text);
        Assert.Equal(Probabilities(computed), Probabilities(restored));
    }

    private static Dictionary<string, float> Choice(int i) => i switch
    {
        0 => [],
        1 => new() { ["first"] = 1 },
        2 => new() { ["second"] = -0.5f },
        _ => new() { ["first"] = 1, ["second"] = 0.5f },
    };

    private static ChatOptions Options(Dictionary<string, float>? adapters) => new()
    {
        Temperature = 0,
        MaxOutputTokens = 40,
        AdditionalProperties = new() { ["top_logprobs"] = 2 },
        RawRepresentationFactory = _ => new SmolLM3RequestOptions { LoraAdapters = adapters },
    };

    private static async Task<string> AskAsync(SmolLM3ChatClient client, Dictionary<string, float>? adapters) =>
        Probabilities(await client.GetResponseAsync(Question, Options(adapters)));

    // To the bit: tokens alone could agree by chance.
    private static string Probabilities(ChatResponse response) =>
        ((JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!).GetRawText();

    private static string Name() => $"adapters {Interlocked.Increment(ref s_models)}";

    private static SmolLM3Options Model(string name) => new SmolLM3Options().UseModel(name, Tiny.OpenRead);

    private static SmolLM3ChatClient Client() => new(Model(Name()));

    private async Task<SmolLM3ChatClient> LoadedAsync()
    {
        SmolLM3ChatClient client = Client();
        await client.LoadAdapterAsync("second", _second);
        await client.LoadAdapterAsync("first", _first);
        return client;
    }
}
