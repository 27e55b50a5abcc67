using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Remote.Servers;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote;

/// <summary>Runs a model on servers.</summary>
/// <param name="Addresses">Where they are.</param>
/// <param name="Options">How they are asked.</param>
internal sealed record RemoteHost(ServerAddresses Addresses, ServerOptions Options) : IModelHost
{
    private const string Architecture = "smollm3";

    /// <summary>What tells the time; replaced by tests.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public ModelSource? FindSource(SmolLM3Options options) => Options.TokenizerFile is { } file
        ? new ModelSource(Path.GetFullPath(file), Options.Model ?? Architecture, () => throw new NotSupportedException(
            "The model runs on a server, and its tokenizer comes from a tokenizer.json: there is no GGUF file."))
        : ModelSource.TokenizerFrom(options.Model, options);

    /// <inheritdoc/>
    /// <exception cref="ModelNotFoundException">The file of the tokenizer is not there.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="UnsupportedModelException">It is of another model.</exception>
    /// <exception cref="ServerException">No server answers, or it serves another model.</exception>
    /// <exception cref="NotSupportedException">The options name files of adapters.</exception>
    public LoadedModel Load(ModelKey key, ILoggerFactory loggerFactory)
    {
        if (!key.Adapters.IsEmpty)
        {
            throw new NotSupportedException(
                "SmolLM3Options.LoraAdapters names files, but the model runs on a server, which loads its own. Leave it empty, "
                + "and choose the server's adapters by their names in SmolLM3RequestOptions.LoraAdapters.");
        }

        (Tokenizer tokenizer, ChatVocabulary? vocabulary) = ReadTokenizer(key.Source);
        ILogger logger = loggerFactory.CreateLogger<RemoteGenerator>();
        EndpointPool servers = new(
            [.. Addresses.All.Select(address => new Endpoint(
                address, Addresses.All.Count == 1, Options, tokenizer, logger, Time))],
            logger);
        try
        {
            // On a pool thread, and within ConnectTimeout for each server.
            ServerFacts facts = servers.GetFactsAsync(CancellationToken.None).GetAwaiter().GetResult();
            int context = (facts.ContextLength, key.ContextLength) is (null, null)
                ? throw new ServerException(
                    null, "The server does not say how many tokens it holds for one request. Set SmolLM3Options.ContextLength.")
                : Math.Min(facts.ContextLength ?? int.MaxValue, key.ContextLength ?? int.MaxValue);
            return new LoadedModel
            {
                Tokenizer = tokenizer,
                Vocabulary = vocabulary,
                Generator = new RemoteGenerator(servers, facts, tokenizer, context, Time),
                IsRemote = true,
                CheckServersAsync = servers.CheckAsync,
                Model = new ModelInfo(
                    Architecture, facts.Model, tokenizer.VocabularySize, context, facts.Parameters, KvBytesPerToken: 0),
                Engine = new EngineInfo(NameOf(facts.Kind), facts.Version, Threads: 0, IsBatchInvariant: false),
                ContextLength = context,
                Adapters = new AdapterStore(
                    generator: null, facts.Adapters.Select((name, i) => new LoadedAdapter(name, i, name))),
            };
        }
        catch
        {
            servers.Dispose();
            throw;
        }
    }

    private (Tokenizer, ChatVocabulary?) ReadTokenizer(ModelSource source)
    {
        Tokenizer tokenizer;
        if (Options.TokenizerFile is null && Path.GetExtension(source.Identity) != ".json")
        {
            using GgufFile file = source.Open();
            tokenizer = Tokenizer.FromGguf(file);
            return (tokenizer, ChatVocabulary.Find(file.Metadata, tokenizer));
        }

        if (!File.Exists(source.Identity))
        {
            throw new ModelNotFoundException(source.Identity);
        }

        using FileStream stream = File.OpenRead(source.Identity);
        tokenizer = Tokenizer.FromHuggingFace(stream);
        return (tokenizer, ChatVocabulary.Find(tokenizer));
    }

    private static string NameOf(ServerKind kind) => kind switch
    {
        ServerKind.LlamaServer => "llama-server",
        ServerKind.Vllm => "vllm",
        ServerKind.SmolLM3Serve => "smollm3 serve",
        _ => "server",
    };
}
