using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Reads and writes JSON without reflection.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class RemoteJson : JsonSerializerContext;
