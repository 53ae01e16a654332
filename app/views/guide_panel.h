// The manual's tuning path, guided: each step says what it found, proposes, applies as one undoable command, and shows before and after.
#pragma once

#include "app/views/guide_step.h"
#include "app/views/view.h"
#include "core/jobs/guide.h"
#include "widgets/common/empty_page.h"

#include <array>

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace qs {

class GuidePanel : public View {
    Q_OBJECT

public:
    GuidePanel(Workbench& bench, QWidget* parent);
    GuideStepCard* card(GuideStep step) const { return m_cards[static_cast<size_t>(step)]; }
    /// Null until a comparison of the present settings has been looked at.
    const GuidePlan* plan() const { return m_plan ? &*m_plan : nullptr; }
    QString verdict() const;
    QPushButton* startButton() const { return m_empty->button(); }

protected:
    void refresh() override;
    void refreshSelection() override {}

private:
    static constexpr size_t steps = 3;
    /// A change that this panel made, with what it did.
    struct Applied {
        GuideFigures before;
        std::optional<GuideFigures> after;
        Configuration from;
        Configuration to;
    };
    void showEmpty();
    void wantPlan();
    void showPlan();
    /// Of the present settings: figures do not depend on what is left out, the plan is not made anew for it.
    BatchFinding batches() const;
    void showBatches();
    void showSensitive();
    void showParameters();
    void showFigures(GuideStep step);
    void showButtons();
    void apply(GuideStep step);
    void settleApplied();

    QStackedWidget* m_pages;
    EmptyPage* m_empty;
    QDoubleSpinBox* m_goal;
    QLabel* m_now;
    QLabel* m_verdict;
    QPushButton* m_again;
    std::array<GuideStepCard*, steps> m_cards{};
    std::array<std::optional<Applied>, steps> m_applied;
    std::optional<GuidePlan> m_plan;
    std::shared_ptr<const Comparison> m_planOf;  ///< what m_plan was, or is being, made of
    double m_planGoal = 0;
    std::shared_ptr<const Model> m_model;
};

}  // namespace qs
