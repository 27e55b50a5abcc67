namespace SmolLM3.Extensions.Adapters;

/// <summary>An adapter a request asks for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Scale">What it adds is multiplied by this.</param>
internal readonly record struct AdapterChoice(string Name, float Scale);
