using Microsoft.Extensions.AI;

namespace SmolLM3.TinyModelTests;

/// <summary>A client that others put middleware on and dispose, and that goes on living.</summary>
internal sealed class NotDisposed(IChatClient inner) : DelegatingChatClient(inner)
{
    protected override void Dispose(bool disposing)
    {
    }
}
