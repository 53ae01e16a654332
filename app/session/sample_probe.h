// One picture through the float and the quantized network: shared by the Compare and Output views.
#pragma once

#include "app/session/workflow.h"

namespace qs {

class SampleProbe : public QObject {
    Q_OBJECT

public:
    explicit SampleProbe(Workflow& workflow, QObject* parent = nullptr);
    int sample() const { return m_sample; }
    /// One that the data do not have, of a comparison with others, is the nearest that they have.
    void setSample(int sample);
    /// The user wants to see the sample: the window brings the view that shows it.
    void look() { Q_EMIT looked(); }
    void look(int sample);
    /// Null until there is one; of the layer and sample that it names.
    const std::shared_ptr<const SampleComparison>& result() const { return m_result; }
    bool stale() const;
    const QString& error() const { return m_error; }
    /// The same in the deploy model's integers: computed only when a view asks with wantIntegers. Null until there is one.
    const std::shared_ptr<const IntegerSample>& integers() const { return m_integers; }
    bool integersStale() const { return !m_integers || !(m_integersKey == key()); }
    const QString& integersError() const { return m_integersError; }
    void wantIntegers();
    /// The sample as a picture: read when a view asks. Empty until it is there, or where there is none.
    const Buffer& picture() const { return m_picture; }
    void wantPicture();
    /// A view that shows it is visible: computes when what there is does not belong to sample, selection and settings.
    void want();
    /// The layer of the network after fusion that stands for the selection; the last quantized one without a selection.
    QString probedLayer() const;

Q_SIGNALS:
    void changed();
    void looked();

private:
    struct Key {
        int sample = -1;
        QString layer;
        Configuration configuration;
        int recordSerial = -1;
        int dataSerial = -1;
        bool operator==(const Key&) const = default;
    };
    int existing(int sample) const;
    Key key() const;
    bool ready() const;

    Workflow& m_workflow;
    int m_sample = 0;
    std::shared_ptr<const SampleComparison> m_result;
    Key m_resultKey;
    Key m_askedKey;
    QString m_error;
    std::shared_ptr<const IntegerSample> m_integers;
    Key m_integersKey;
    Key m_integersAsked;
    QString m_integersError;
    Buffer m_picture;
    std::pair<int, int> m_pictureOf{-1, -1};  ///< sample, data's serial
};

}  // namespace qs
