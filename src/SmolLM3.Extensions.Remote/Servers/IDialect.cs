using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>How one kind of server is asked, and what its messages say. Without state.</summary>
internal interface IDialect
{
    /// <summary>Path of the completion endpoint, relative to the server's address.</summary>
    string Path { get; }

    /// <summary>Whether the server can hold an answer to a JSON schema.</summary>
    bool EnforcesSchemas { get; }

    /// <summary>Refuses what the server cannot do.</summary>
    /// <exception cref="NotSupportedException">It cannot.</exception>
    void Check(AnswerForm? form, AdapterSet adapters);

    /// <summary>The body of a request for a streamed completion.</summary>
    JsonObject ToBody(Segment segment);

    /// <summary>Reads a message of the stream that is no error.</summary>
    /// <exception cref="Exception">It is not as it should be: any of those <see cref="JsonElement"/> throws.</exception>
    ServerChunk Read(JsonElement message);
}
