namespace SmolLM3.Extensions;

/// <summary>What is happening to a model that is fetched.</summary>
public enum ModelDownloadStage
{
    /// <summary>Another process fetches it; its end is waited for.</summary>
    Waiting,

    /// <summary>Bytes come in.</summary>
    Downloading,

    /// <summary>All are here and are compared with the hub's checksum.</summary>
    Verifying,

    /// <summary>It is whole and in its place.</summary>
    Done,
}
