using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>A client that the container must not dispose: whoever made it does.</summary>
internal sealed class NotOwnedChatClient(IChatClient client) : DelegatingChatClient(client)
{
    protected override void Dispose(bool disposing)
    {
    }
}
