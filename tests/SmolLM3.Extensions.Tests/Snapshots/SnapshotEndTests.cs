using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Chat;
using static SmolLM3.Extensions.Tests.Snapshots.SnapshotModel;

namespace SmolLM3.Extensions.Tests.Snapshots;

/// <summary>Saving and restoring that is given up: by the caller, or because the client is disposed.</summary>
public sealed class SnapshotEndTests : IAsyncDisposable
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Hi")];

    private readonly SnapshotModel _model = new(context: 2048, vocabularySize: Vocabularies.Tiny.VocabularySize);
    private readonly SmolLM3ChatClient _client;
    private readonly CancellationTokenSource _cancellation = new();

    public SnapshotEndTests()
    {
        SharedModel shared = new(() => _model.Loaded);
        Assert.True(shared.TryHold());
        _client = new(
            new SmolLM3Options().UseModel("fake", () => Stream.Null),
            _ => shared,
            NullLoggerFactory.Instance,
            TimeProvider.System);
    }

    [Fact]
    public async Task Disposal_frees_the_model_though_a_callers_callback_throws()
    {
        SharedModel shared = new(() => _model.Loaded);
        Assert.True(shared.TryHold());
        SmolLM3ChatClient client = new(
            new SmolLM3Options().UseModel("fake", () => Stream.Null),
            _ => shared,
            NullLoggerFactory.Instance,
            TimeProvider.System);
        ThrowingStream stream = new();
        Task restoring = client.RestorePrefixAsync(stream);
        await stream.IsRead.Task;
        await Assert.ThrowsAsync<AggregateException>(() => client.DisposeAsync().AsTask());
        stream.Go.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => restoring);

        Assert.False(shared.TryHold());
    }

    private sealed class ThrowingStream : MemoryStream
    {
        public TaskCompletionSource IsRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.Register(() => throw new IOException("callback"));
            IsRead.TrySetResult();
            await Go.Task;
            cancellationToken.ThrowIfCancellationRequested();
            return 0;
        }
    }

    [Fact]
    public async Task A_destination_that_does_not_go_on_can_be_left()
    {
        StuckStream stuck = new();
        Task saving = _client.SavePrefixAsync(Messages, null, stuck, _cancellation.Token);
        await stuck.IsStuck;
        await _cancellation.CancelAsync();
        await AssertCancelledAsync(saving);
        await RestoreAsync();
    }

    [Fact]
    public async Task A_source_that_does_not_go_on_can_be_left()
    {
        StuckStream stuck = new();
        Task restoring = _client.RestorePrefixAsync(stuck, _cancellation.Token);
        await stuck.IsStuck;
        await _cancellation.CancelAsync();
        await AssertCancelledAsync(restoring);
        await RestoreAsync();
    }

    [Fact]
    public async Task A_prefix_that_is_being_computed_can_be_left()
    {
        using ManualResetEventSlim stepping = new(), go = new();
        _model.Engine.OnForward = _ =>
        {
            stepping.Set();
            go.Wait();
        };
        MemoryStream stream = new();
        Task saving = Task.Run(() => _client.SavePrefixAsync(Messages, null, stream, _cancellation.Token));
        stepping.Wait(CancellationToken.None);
        await _cancellation.CancelAsync();
        await AssertCancelledAsync(saving);
        go.Set();
        Assert.Equal(0, stream.Length);
        await RestoreAsync();
    }

    [Fact]
    public async Task A_restore_that_waits_for_a_step_can_be_left()
    {
        byte[] snapshot = await SaveAsync();
        using ManualResetEventSlim stepping = new(), go = new();
        _model.Engine.OnForward = _ =>
        {
            stepping.Set();
            go.Wait();
        };
        Task<ChatResponse> running = _client.GetResponseAsync("Hello!", new() { MaxOutputTokens = 2 });
        stepping.Wait(CancellationToken.None);
        Task restoring = _client.RestorePrefixAsync(new MemoryStream(snapshot), _cancellation.Token);
        await _cancellation.CancelAsync();
        await AssertCancelledAsync(restoring);
        go.Set();
        await running;
        await RestoreAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposal_ends_both_and_says_so(bool saves)
    {
        StuckStream stuck = new();
        Task work = saves ? _client.SavePrefixAsync(Messages, null, stuck) : _client.RestorePrefixAsync(stuck);
        await stuck.IsStuck;
        await _client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => work);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _client.SavePrefixAsync(Messages, null, Stream.Null));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _client.RestorePrefixAsync(Stream.Null));
    }

    [Fact]
    public async Task A_broken_stream_is_the_callers_to_see()
    {
        IOException failure = new("disk full");
        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(
            () => _client.SavePrefixAsync(Messages, null, new StuckStream(failure))));
        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(
            () => _client.RestorePrefixAsync(new StuckStream(failure))));
        await RestoreAsync();
    }

    [Fact]
    public async Task Bad_arguments_are_refused_at_once()
    {
        Assert.Equal("destination", Refused<ArgumentNullException>(
            () => _client.SavePrefixAsync(Messages, null, null!)).ParamName);
        Assert.Equal("messages", Refused<ArgumentNullException>(
            () => _client.SavePrefixAsync(null!, null, Stream.Null)).ParamName);
        Assert.Equal("source", Refused<ArgumentNullException>(() => _client.RestorePrefixAsync(null!)).ParamName);
        Refused<UnknownModelException>(
            () => _client.SavePrefixAsync(Messages, new() { ModelId = "other" }, Stream.Null));
        await AssertCancelledAsync(
            _client.RestorePrefixAsync(Stream.Null, new CancellationToken(canceled: true)));
    }

    public async ValueTask DisposeAsync()
    {
        _cancellation.Dispose();
        await _client.DisposeAsync();
        await _model.DisposeAsync();
    }

    // Before there is a task.
    private static T Refused<T>(Action call)
        where T : Exception => Assert.Throws<T>(call);

    private static async Task AssertCancelledAsync(Task task) =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);

    private async Task<byte[]> SaveAsync()
    {
        MemoryStream stream = new();
        await _client.SavePrefixAsync(Messages, null, stream);
        return stream.ToArray();
    }

    /// <summary>The client still serves.</summary>
    private async Task RestoreAsync()
    {
        _model.Engine.OnForward = null;
        await _client.RestorePrefixAsync(new MemoryStream(await SaveAsync()));
    }

    /// <summary>Neither reads nor writes until it is cancelled, or fails.</summary>
    private sealed class StuckStream(IOException? failure = null) : Stream
    {
        private readonly TaskCompletionSource _stuck = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsStuck => _stuck.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await WriteAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
            return 0;
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (failure is not null)
            {
                throw failure;
            }

            _stuck.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
