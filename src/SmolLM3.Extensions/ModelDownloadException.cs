using SmolLM3.Extensions.Models;

namespace SmolLM3.Extensions;

/// <summary>A model could not be downloaded. A later request tries again, and goes on where this one stopped: what came is
/// kept, unless it was damaged.</summary>
public sealed class ModelDownloadException : IOException
{
    private ModelDownloadException(ModelDownloadProblem problem, string message, Exception? inner = null)
        : base(message, inner) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public ModelDownloadProblem Problem { get; }

    /// <summary>Whether another attempt may go better.</summary>
    internal bool IsTransient { get; private init; }

    /// <summary>When the hub wants that attempt, if it said.</summary>
    internal TimeSpan? RetryAfter { get; private init; }

    internal static ModelDownloadException Offline(ModelReference model, bool isVariable, IEnumerable<string> cached) => new(
        ModelDownloadProblem.Offline,
        $"The model {model.Name} is not on this machine ({model.Wanted} of {model.Repository}), and downloads are off: "
        + (isVariable ? "HF_HUB_OFFLINE is set. Unset it" : "SmolLM3Options.AllowDownload is false. Set it")
        + ", fetch the model beforehand (smollm3 pull), or set SmolLM3Options.Model to a file. "
        + Listed("The cache has of this repository", cached));

    internal static ModelDownloadException NotReachable(string endpoint, string why, Exception? inner = null) => new(
        ModelDownloadProblem.HubNotReachable,
        $"The hub at {endpoint} cannot be reached: {why} Check the network and its proxy (HTTPS_PROXY), set HF_ENDPOINT to "
        + "a mirror, or take a file that is here. The next try goes on where this one stopped.",
        inner)
    {
        IsTransient = true,
    };

    internal static ModelDownloadException Busy(string host, int status, TimeSpan? retryAfter) => new(
        ModelDownloadProblem.HubFailed,
        $"The hub ({host}) answered {status}"
        + (status == 429 ? ", too many requests" : "")
        + (retryAfter is { } wait ? $", and asks to wait {wait.TotalSeconds:0} seconds" : "")
        + ". Try again later; it goes on where it stopped."
        + (status == 429 ? " With a token (HF_TOKEN) more is allowed." : ""))
    {
        IsTransient = true,
        RetryAfter = retryAfter,
    };

    internal static ModelDownloadException Nonsense(string what, Exception? inner = null) => new(
        ModelDownloadProblem.HubFailed,
        $"The answer of the hub was refused: {what}. If HF_ENDPOINT names a mirror, try without it.",
        inner);

    /// <summary>A promise about lengths that was broken; the next answer may keep it.</summary>
    internal static ModelDownloadException Lied(string what) => new(
        ModelDownloadProblem.HubFailed,
        $"The answers of the hub contradict each other: {what}. Try again later; if HF_ENDPOINT names a mirror, without it.")
    {
        IsTransient = true,
    };

    internal static ModelDownloadException Denied(string endpoint, string repository, bool isGated, bool hasToken) => new(
        ModelDownloadProblem.AccessDenied,
        (isGated
            ? $"The repository {repository} is gated. Accept its terms at {endpoint}/{repository}, then "
            : $"The hub does not let {(hasToken ? "this token" : "everybody")} read {repository}: it is private, gated, or "
                + "not there. Check the name; if it is right, ")
        + (hasToken ? "use a token that may read it" : "give a token that may read it")
        + $" (from {endpoint}/settings/tokens): set HF_TOKEN, or log in with hf auth login.");

    internal static ModelDownloadException NoRepository(string endpoint, ModelReference model) => new(
        ModelDownloadProblem.NotFound,
        $"There is no repository {model.Repository} at {endpoint}, and no file {model.Name} here. Known models are "
        + string.Join(", ", ModelCatalogue.Known.Select(known => known.Name)) + ".");

    internal static ModelDownloadException NoFile(ModelReference model, IEnumerable<string> files) => new(
        ModelDownloadProblem.NotFound,
        $"{model.Repository} has no {model.Wanted}. " + Listed("It has", files)
        + " Name a quantization as owner/repo:Q8_0 or a file as owner/repo/file.gguf.");

    internal static ModelDownloadException Split(ModelReference model, string part, IEnumerable<string> whole)
    {
        string[] files = [.. whole];
        string? usual = files.FirstOrDefault(
            name => GgufNames.HasQuantization(name, ModelCatalogue.DefaultQuantization)) ?? files.FirstOrDefault();
        return new(
            ModelDownloadProblem.NotFound,
            $"{part} of {model.Repository} is one part of a split model, and those are not read. "
            + (usual is null
                ? "It has no whole GGUF file: join the parts with llama-gguf-split --merge and set SmolLM3Options.Model to "
                    + "that file, or take another repository."
                : $"Take a whole file, {model.Repository}/{usual}. " + Listed("Whole it has", files)));
    }

    internal static ModelDownloadException Damaged(HubFile file) => new(
        ModelDownloadProblem.Damaged,
        $"What came of {file.Repository}/{file.Name} is damaged: its checksum is not the hub's, {file.Id}. It was deleted; "
        + "try again. If that does not help, something on the way changes it: a proxy, a mirror, this machine's memory.");

    internal static ModelDownloadException NoRoom(string folder, long needed, long? free, Exception? inner = null) => new(
        ModelDownloadProblem.DiskFull,
        $"The disk of {folder} has no room for {needed:N0} more bytes"
        + (free is null ? "" : $", but for {free:N0}")
        + ". Make room, or set HF_HUB_CACHE to a folder on another disk. What came is kept.",
        inner);

    internal static ModelDownloadException NoCache(string folder, Exception inner) => new(
        ModelDownloadProblem.CacheNotUsable,
        $"The cache folder {folder} cannot be used: {inner.Message.TrimEnd('.')}. Give this user the right to read and write "
        + "it, set HF_HUB_CACHE to a folder that has it, or SmolLM3Options.Model to a file.",
        inner);

    // What the token is stands nowhere.
    internal static ModelDownloadException BadToken() => new(
        ModelDownloadProblem.AccessDenied,
        "The token for the hub holds blanks or characters outside of ASCII, so it is none. Copy it anew into HF_TOKEN, log in "
        + "with hf auth login, or set HF_HUB_DISABLE_IMPLICIT_TOKEN to 1 to ask without one.");

    private static string Listed(string what, IEnumerable<string> names)
    {
        string[] known = [.. names.Distinct()];
        return $"{what} {(known.Length == 0 ? "no GGUF file" : string.Join(", ", known))}.";
    }
}
